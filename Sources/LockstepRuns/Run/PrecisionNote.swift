import LockstepKernels

extension Precision {
  /// A note before a run begins: that the precision gains no time on this processor; nil where it may, or is not meant
  /// to.
  package var note: String? {
    guard self == .bf16, Processor.matrixInstruction != .used else { return nil }
    return
      "training.precision: bf16 is computed with float32 instructions on this processor, which takes longer than float32; it shows what a network makes of bfloat16"
  }
}
