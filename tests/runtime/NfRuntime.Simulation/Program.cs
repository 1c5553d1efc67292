System.Console.Error.WriteLine("usage: nfr-simulate --histories N [--seed S]");
return 2;
