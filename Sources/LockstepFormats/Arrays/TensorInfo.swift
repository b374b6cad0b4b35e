/// What a file says of a tensor, beside its elements.
public struct TensorInfo: Sendable, Equatable {
  /// As the file calls it, such as `model.dense0.weight`.
  public var name: String
  /// The length of every axis; none for a single number.
  public var shape: [Int]
  /// What its elements are, in the word of the file's format: `F32` in safetensors, `float32` in NumPy.
  public var dtype: String

  /// A tensor of elements that the format calls `dtype`.
  public init(_ name: String, shape: [Int], dtype: String) {
    (self.name, self.shape, self.dtype) = (name, shape, dtype)
  }

  /// A tensor for a safetensors file.
  public init(_ name: String, shape: [Int], type: ElementType = .float32) {
    self.init(name, shape: shape, dtype: type.rawValue)
  }

  /// Number of elements, the product of `shape`; the largest `Int` where it is beyond.
  public var count: Int {
    shape.reduce(1) { count, size in
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      return overflow ? .max : product
    }
  }
}
