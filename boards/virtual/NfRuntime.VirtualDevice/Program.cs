using System;
using System.IO;
using NfRuntime.Mosquitto;
using NfRuntime.Native;
using NfRuntime.VirtualDevice;
using NfRuntime.VirtualDevice.Serving;

using Stream stdout = Console.OpenStandardOutput();
var output = new JsonLines(stdout);
if (Help.Wanted(args))
{
    Console.Out.WriteLine(Help.Of(args));
    return 0;
}

try
{
    if (args is ["serve", .. string[] rest])
    {
        ServeOptions options = ServeOptions.Parse(rest);
        await ServeProgram.RunAsync(options, RootKeyFile.Read(options.RootKey), stdout).ConfigureAwait(false);
    }
    else
    {
        new Device(Options.Parse(args), output).Run();
    }

    return 0;
}
catch (UsageException e)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}
catch (OperationCanceledException)
{
    return 0; // SIGTERM before the devices ran
}
catch (NativeException e)
{
    output.Error(Reasons.Of(e.Error), e.Message);
}
catch (RefusedException e)
{
    output.Error(e.Reason, e.Message);
}
catch (BlobException e)
{
    output.Error("blob", e.Message);
}
catch (ProcessorException e)
{
    output.Error("managed", e.Message);
}
catch (MosquittoException e)
{
    output.Error("broker", e.Message);
}
catch (Exception e) when (e is IOException or UnauthorizedAccessException)
{
    output.Error("input", e.Message);
}
catch (DllNotFoundException e) when (e.Message.Contains("mosquitto", StringComparison.Ordinal))
{
    output.Error("library", "libmosquitto.so.1 was not found: install it (libmosquitto1 on Debian and Ubuntu)");
}
catch (DllNotFoundException)
{
    output.Error("library", "libnfr was not found: build it (cmake -S firmware -B artifacts/firmware/host && cmake --build artifacts/firmware/host) or name it in NFR_LIBRARY");
}

return 1;
