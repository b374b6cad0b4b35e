import Testing

@testable import LockstepModel

/// What is counted on a sample's shape, and on a tensor's.
@Suite struct ShapeTests {
  @Test func samples() {
    let features = Shape.features(784)
    #expect(features.count == 784 && features.channels == 784 && features.positions == 1)
    #expect("\(features)" == "784")
    let image = Shape.image(height: 5, width: 4, channels: 3)
    #expect(image.count == 60 && image.channels == 3 && image.positions == 20)
    #expect("\(image)" == "5 × 4 × 3")
    #expect(Shape.features(60) != image)
  }

  /// Whatever the rank, a tensor is a matrix whose columns are its units or filters.
  @Test(arguments: [
    (TensorShape.vector(7), [7], (rows: 1, columns: 7), (in: 7, out: 7)),
    (.matrix(inputs: 3, units: 5), [3, 5], (rows: 3, columns: 5), (in: 3, out: 5)),
    (
      .filters(height: 2, width: 3, channels: 4, filters: 8), [2, 3, 4, 8], (rows: 24, columns: 8), (in: 24, out: 48)
    ),
  ])
  func tensors(shape: TensorShape, dimensions: [Int], matrix: (rows: Int, columns: Int), fans: (in: Int, out: Int)) {
    #expect(shape.dimensions == dimensions)
    #expect(shape.count == dimensions.reduce(1, *))
    #expect(shape.rows == matrix.rows && shape.columns == matrix.columns)
    #expect(shape.fans == fans)
    #expect(shape.multiplyAdds == Double(shape.count))
  }
}
