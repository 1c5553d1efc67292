using System.Runtime.InteropServices;
using System.Threading;
using NfRuntime.Cli.Hosting;

using var interrupted = new CancellationTokenSource();

// The first signal asks for a clean end; a second one finds its default handling again.
void OnSignal(PosixSignalContext context)
{
    if (!interrupted.IsCancellationRequested)
    {
        context.Cancel = true;
        interrupted.Cancel();
    }
}

using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
return await CapsuleTool.RunAsync(args, ToolEnvironment.OfThisProcess(), interrupted.Token).ConfigureAwait(false);
