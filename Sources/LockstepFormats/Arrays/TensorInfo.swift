/// The name, shape and element type of a tensor in a file.
public struct TensorInfo: Sendable, Equatable {
  /// Its name in the file, such as `model.dense0.weight`.
  public var name: String
  /// The length of every axis; none for a single number.
  public var shape: [Int]
  /// The type of its elements, as the file's format names it: `F32` in safetensors, `float32` in NumPy.
  public var dtype: String

  /// A tensor of elements that the format calls `dtype`.
  package init(_ name: String, shape: [Int], dtype: String) {
    (self.name, self.shape, self.dtype) = (name, shape, dtype)
  }

  /// A tensor as checkpoints and other safetensors files have it: `dtype` is `type`'s raw value, `F32` by default.
  public init(_ name: String, shape: [Int], type: ElementType = .float32) {
    self.init(name, shape: shape, dtype: type.rawValue)
  }

  /// Number of elements, the product of `shape`; `Int.max` where the product is larger.
  public var count: Int {
    shape.reduce(1) { count, size in
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      return overflow ? .max : product
    }
  }
}
