import LockstepKernels
import LockstepTraining

/// Figures of the weight of one layer in a checkpoint, dense or a convolution.
public struct WeightFigures: Sendable, Equatable {
  /// Path of the layer, such as `dense0`.
  public var layer: String
  /// [inputs, units], or [kernel height, kernel width, channels, filters], of a depthwise convolution without filters.
  public var shape: [Int]
  /// √ Σ w²
  public var norm: Double
  /// √(Σ w² / count)
  public var rms: Double
  /// The distribution of its elements. The outermost classes also count the outliers, at most a thousandth at each end.
  public var histogram: Diagnosis.Histogram

  /// The figures of all layers with weights, in the order of the file.
  package static func all(in checkpoint: LoadedCheckpoint) -> [WeightFigures] {
    let (start, end) = ("model.", ".weight")
    return checkpoint.tensors.filter { $0.name.hasPrefix(start) && $0.name.hasSuffix(end) && $0.shape.count >= 2 }
      .map { tensor in
        let columns = tensor.shape[tensor.shape.count - 1]
        let values = UnitStatistics(units: columns)
        values.add(tensor.values.matrix(rows: tensor.values.count / columns, columns: columns))
        let histogram = values.distribution.histogram(bins: Diagnosis.bins)
        return WeightFigures(
          layer: String(tensor.name.dropFirst(start.count).dropLast(end.count)), shape: tensor.shape,
          norm: values.rootMeanSquare * Double(tensor.values.count).squareRoot(), rms: values.rootMeanSquare,
          histogram: Diagnosis.Histogram(low: histogram.low, high: histogram.high, shares: histogram.shares))
      }
  }
}
