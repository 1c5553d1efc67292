namespace System
{
    public class Exception
    {
        public Exception()
        {
        }

        public Exception(string message)
        {
        }

        public Exception(string message, Exception innerException)
        {
        }

        public virtual string Message => throw null;

        public Exception InnerException => throw null;
    }

    public class SystemException : Exception
    {
        public SystemException()
        {
        }

        public SystemException(string message)
        {
        }
    }

    public class ArgumentException : SystemException
    {
        public ArgumentException()
        {
        }

        public ArgumentException(string message)
        {
        }
    }

    public class ArgumentNullException : ArgumentException
    {
        public ArgumentNullException()
        {
        }

        public ArgumentNullException(string paramName)
        {
        }
    }

    public class ArgumentOutOfRangeException : ArgumentException
    {
        public ArgumentOutOfRangeException()
        {
        }

        public ArgumentOutOfRangeException(string paramName)
        {
        }
    }

    public class InvalidOperationException : SystemException
    {
        public InvalidOperationException()
        {
        }

        public InvalidOperationException(string message)
        {
        }
    }

    public class ObjectDisposedException : SystemException
    {
        public ObjectDisposedException(string message)
        {
        }
    }
}

namespace System.IO
{
    public class IOException : SystemException
    {
        public IOException()
        {
        }

        public IOException(string message)
        {
        }
    }
}
