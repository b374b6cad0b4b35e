import LockstepKernels

extension Precision {
  /// A note before a run begins: that the precision gains no time; nil where it is not meant to.
  package var note: String? {
    switch self {
    case .float32: nil
    case .bf16:
      "training.precision: bf16 is computed with float32 instructions, which takes longer than float32; it shows what a network makes of bfloat16"
    }
  }
}
