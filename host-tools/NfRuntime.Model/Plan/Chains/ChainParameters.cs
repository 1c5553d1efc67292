namespace NfRuntime.Model.Plan.Chains;

/// <summary>The parameters of a CHAIN: struct nfr_plan_chain and a struct nfr_plan_member for each member.</summary>
internal static class ChainParameters
{
    private const int NoMember = 0xff;
    private const int Operands = 2;

    public static byte[] Write(Chain chain)
    {
        ParameterBlock block = new ParameterBlock().U16(chain.Shape.Members.Count).U16(chain.Stripes);
        for (int i = 0; i < chain.Shape.Members.Count; i++)
        {
            MemberProgress progress = chain.Progress[i];
            block.U16(progress.Step).I16(progress.End).I16(progress.Start);
            for (int operand = 0; operand < Operands; operand++)
            {
                int writer = chain.Shape.WriterOf(chain.Shape.Members[i].Operator.Inputs[operand]);
                block.U8(writer < 0 ? NoMember : writer);
            }
        }

        return block.ToArray();
    }
}
