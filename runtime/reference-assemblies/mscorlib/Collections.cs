namespace System.Collections
{
    public class ArrayList
    {
        public ArrayList()
        {
        }
    }
}
