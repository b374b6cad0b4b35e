internal import CKernels

/// What matrix products are computed in. Everything beside them is float32.
public enum Precision: String, Sendable, CaseIterable {
  /// An element is one chain of fused multiply-adds over its terms.
  case float32
  /// Both operands of every product are rounded to bfloat16 (8 significant bits, the range of float32), to nearest, of
  /// two the even one; denormals are zero. An element is, for each block of 32 terms, a chain of fused multiply-adds
  /// over its 16 even terms and one over its 16 odd terms, each from zero, added to each other and then to the element;
  /// terms beyond a block's end are zeros.
  ///
  /// That is what the matrix instruction of x86-64 computes (AMX, `tdpbf16ps`; Intel 64 and IA-32 Architectures
  /// Software Developer's Manual, volume 2), and float32 multiply-adds give the same bits elsewhere.
  case bf16

  var code: lk_precision { self == .float32 ? LK_FLOAT32 : LK_BFLOAT16_PRODUCTS }
}

extension Float {
  /// The number as an operand of a product in bfloat16, where it is one.
  package var bfloat16: Float {
    let bits = bitPattern
    if isSubnormal { return Float(bitPattern: bits & 0x8000_0000) }
    guard isFinite else { return self }
    return Float(bitPattern: (bits + 0x7FFF + (bits >> 16 & 1)) & 0xFFFF_0000)
  }
}
