import LockstepConfiguration
import LockstepModel

extension TensorLayout {
  /// How a tensor of this shape lies in files.
  ///
  /// - Parameter rows: what its layer reads and gives.
  package func arrangement(
    of shape: TensorShape, _ role: ParameterLayout.Role, _ rows: FlattenedImages.Rows
  ) -> TensorArrangement {
    switch (self, shape) {
    case (.keras, .depthwise(let height, let width, let channels)): TensorArrangement([height, width, channels, 1])
    case (.keras, .vector(let count)) where role == .slope && rows.areImages: TensorArrangement([1, 1, count])
    case (.keras, _): TensorArrangement(shape.dimensions)
    case (.torch, .vector(let count)):
      // A slope for all has no order.
      TensorArrangement([count], count == 1 ? [.init(1, step: 1)] : Self.channelsFirst(count, rows.output, step: 1))
    case (.torch, .matrix(let inputs, let units)):
      TensorArrangement(
        [units, inputs],
        Self.channelsFirst(units, rows.output, step: 1) + Self.channelsFirst(inputs, rows.input, step: units))
    case (.torch, .filters(let height, let width, let channels, let filters)):
      TensorArrangement(
        [filters, channels, height, width],
        [
          .init(filters, step: 1), .init(channels, step: filters), .init(height, step: width * channels * filters),
          .init(width, step: channels * filters),
        ])
    case (.torch, .depthwise(let height, let width, let channels)):
      TensorArrangement(
        [channels, 1, height, width],
        [.init(channels, step: 1), .init(height, step: width * channels), .init(width, step: channels)])
    }
  }

  /// The axis of a flattened image: its channels, and in each its positions.
  ///
  /// - Parameter step: from one number of the image to the next.
  private static func channelsFirst(_ count: Int, _ channels: Int, step: Int) -> [TensorArrangement.Axis] {
    [.init(channels, step: step), .init(count / channels, step: channels * step)]
  }
}
