/// How the elements of a tensor lie in a file, seen from where they lie in Lockstep.
package struct TensorArrangement: Sendable, Equatable {
  /// One axis: how many elements, and how far it is in Lockstep from one to the next.
  package struct Axis: Sendable, Equatable {
    let count: Int
    let step: Int

    package init(_ count: Int, step: Int) { (self.count, self.step) = (count, step) }
  }

  /// The length of every axis in the file.
  package let shape: [Int]
  /// Axes in the order of the file, the last one's elements next to each other. What is one axis of `shape` may be
  /// several.
  private let axes: [Axis]

  /// - Parameter axes: of as many elements as `shape`.
  package init(_ shape: [Int], _ axes: [Axis]) {
    (self.shape, self.axes) = (shape, axes)
    precondition(shape.reduce(1, *) == axes.reduce(1) { $0 * $1.count }, "axes of another shape")
  }

  /// Elements lie as they do in Lockstep.
  package init(_ shape: [Int]) { self.init(shape, [Axis(shape.reduce(1, *), step: 1)]) }

  /// Where in Lockstep the element stands that is number `place` in the file.
  package func index(_ place: Int) -> Int {
    var (rest, index) = (place, 0)
    for axis in axes.reversed() {
      index += rest % axis.count * axis.step
      rest /= axis.count
    }
    return index
  }

  /// The elements in the order of the file.
  package func arranged(_ values: [Float]) -> [Float] { values.indices.map { values[index($0)] } }
}
