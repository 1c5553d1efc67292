using NfRuntime.Agent.Protocol;

namespace NfRuntime.VirtualDevice.Serving;

/// <summary>Says locally what the agent logs to its controller: reads its log documents (PROTOCOL.md §4.4) on their way out.</summary>
internal sealed class LogMirror(string device, EventLines lines)
{
    private const int MostEntries = 32;
    private static readonly string[] _levels = ["error", "warning", "info", "detail"];
    private readonly CborReader _reader = new();

    public void Read(byte[] document, int count)
    {
        if (!_reader.Open(document, count))
        {
            return;
        }

        int pairs = _reader.Map();
        for (int i = 0; i < pairs && !_reader.IsBad; i++)
        {
            if (_reader.Unsigned(0, ulong.MaxValue) == 3)
            {
                int entries = _reader.List(MostEntries);
                for (int entry = 0; entry < entries && !_reader.IsBad; entry++)
                {
                    ReadEntry();
                }
            }
            else
            {
                _reader.Skip();
            }
        }
    }

    private void ReadEntry()
    {
        _reader.List(5);
        ulong uptime = _reader.Unsigned(0, ulong.MaxValue);
        int level = _reader.Number(0, _levels.Length - 1);
        int number = _reader.Number(0, int.MaxValue);
        string capsule = _reader.Text(0, 64), sentence = _reader.Text(0, 1024);
        if (!_reader.IsBad)
        {
            lines.Write(device, "log", json =>
            {
                json.WriteNumber("uptime_ms", uptime);
                json.WriteString("level", _levels[level]);
                json.WriteNumber("number", number);
                json.WriteString("capsule", capsule);
                json.WriteString("sentence", sentence);
            });
        }
    }
}
