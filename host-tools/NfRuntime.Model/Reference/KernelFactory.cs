using System;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Reference;

/// <summary>Finds the kernel of an operator.</summary>
internal static class KernelFactory
{
    /// <summary>Prepares the kernel of <paramref name="node"/>.</summary>
    /// <exception cref="NotSupportedException">No kernel takes the operator, or its kernel refuses types or parameters.</exception>
    public static ReferenceKernel Create(TensorStore store, Node node) => node.Attributes switch
    {
        Conv2DAttributes conv => new Conv2D(store, node, conv),
        DepthwiseConv2DAttributes depthwise => new DepthwiseConv2D(store, node, depthwise),
        FullyConnectedAttributes dense => new FullyConnected(store, node, dense),
        Pool2DAttributes { Kind: OperatorKind.AveragePool2D } pool => new AveragePool2D(store, node, pool),
        Pool2DAttributes { Kind: OperatorKind.MaxPool2D } pool => new MaxPool2D(store, node, pool),
        ElementwiseAttributes { Kind: OperatorKind.Add } add => new Add(store, node, add),
        ElementwiseAttributes { Kind: OperatorKind.Mul } mul => new Mul(store, node, mul),
        SoftmaxAttributes softmax => CreateSoftmax(store, node, softmax),
        PadAttributes pad => new Pad(store, node, pad),
        MeanAttributes mean => new Mean(store, node, mean),
        TransposeAttributes transpose => new Transpose(store, node, transpose),
        SvdfAttributes svdf => new Svdf(store, node, svdf),
        LstmAttributes lstm => new Lstm(store, node, lstm),
        PlainAttributes plain => CreatePlain(store, node, plain.Kind),
        _ => throw new NotSupportedException($"{node.Attributes.GetType().Name} has no reference kernel."),
    };

    private static ReferenceKernel CreateSoftmax(TensorStore store, Node node, SoftmaxAttributes attributes) =>
        store.Graph.Tensors[node.Inputs[0]].Type == ElementType.Int16
            ? new SoftmaxInt16(store, node, attributes)
            : new SoftmaxInt8(store, node, attributes);

    private static ReferenceKernel CreatePlain(TensorStore store, Node node, OperatorKind kind) => kind switch
    {
        OperatorKind.Reshape => new Reshape(store, node),
        OperatorKind.Dequantize => new Dequantize(store, node),
        OperatorKind.Quantize when store.Graph.Tensors[node.Inputs[0]].Type == ElementType.Float32 => new QuantizeFloat(store, node),
        OperatorKind.Quantize => new Requantize(store, node),
        OperatorKind.Logistic when store.Graph.Tensors[node.Inputs[0]].Type == ElementType.Int16 => new LogisticInt16(store, node),
        OperatorKind.Logistic => new LogisticInt8(store, node),
        _ => throw new NotSupportedException($"{kind} has no reference kernel."),
    };
}
