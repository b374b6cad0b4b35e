import LockstepKernels
import TestSupport
import Testing

/// Losses against PyTorch's float64 values in `losses.json`: means over the batch, or over all its elements.
@Suite struct LossGoldenTests {
  let memory = TestMemory()

  func column(_ golden: Golden, _ key: String) throws -> (values: Matrix, count: Int) {
    let rows = golden[key].elements.count
    let values = try golden[key].floats()
    return (memory.matrix(values, rows: rows, columns: rows == 0 ? 1 : values.count / rows), values.count)
  }

  @Test(arguments: [Float(0), 0.1]) func softmaxCrossEntropy(_ smoothing: Float) throws {
    let golden = try Golden.load("losses.json").losses["softmax_cross_entropy(label_smoothing=\(smoothing))"]
    let logits = try column(golden, "logits").values
    let labels = memory.matrix(try golden.labels.floats(), rows: logits.rows, columns: 1)
    let gradient = memory.matrix(rows: logits.rows, columns: logits.columns)
    let result = LossKernels.softmaxCrossEntropy(
      logits: logits, labels: labels, smoothing: smoothing, scale: 1 / Float(logits.rows), gradient: gradient)
    expectClose(actual: result.sum / Double(logits.rows), expected: try golden.loss.number())
    expectClose(actual: gradient.array, expected: try golden.dlogits.numbers())
  }

  @Test func binaryCrossEntropy() throws {
    let golden = try Golden.load("losses.json").losses.binary_cross_entropy_with_logits
    let (logits, count) = try column(golden, "logits")
    let gradient = memory.matrix(rows: logits.rows, columns: logits.columns)
    let result = LossKernels.binaryCrossEntropy(
      logits: logits, targets: try column(golden, "labels").values, scale: 1 / Float(count), gradient: gradient)
    expectClose(actual: result.sum / Double(count), expected: try golden.loss.number())
    expectClose(actual: gradient.array, expected: try golden.dlogits.numbers())
  }

  @Test(arguments: ["mean_squared_error", "mean_absolute_error", "huber(delta=1)"])
  func regression(_ name: String) throws {
    let golden = try Golden.load("losses.json").losses[name]
    let (prediction, count) = try column(golden, "prediction")
    let target = try column(golden, "target").values
    let gradient = memory.matrix(rows: prediction.rows, columns: prediction.columns)
    let scale = 1 / Float(count)
    let sum =
      switch name {
      case "mean_squared_error": LossKernels.squaredError(prediction, target, scale: scale, gradient: gradient)
      case "mean_absolute_error": LossKernels.absoluteError(prediction, target, scale: scale, gradient: gradient)
      default: LossKernels.huber(prediction, target, delta: 1, scale: scale, gradient: gradient)
      }
    expectClose(actual: sum / Double(count), expected: try golden.loss.number(), name)
    expectClose(actual: gradient.array, expected: try golden.dprediction.numbers(), name)
  }

  @Test func reference() throws {
    let losses = try Golden.load("losses.json").losses
    for smoothing in [0.0, 0.1] {
      let golden = losses["softmax_cross_entropy(label_smoothing=\(smoothing))"]
      let labels = try golden.labels.elements.map { try $0.integer() }
      let result = Reference.softmaxCrossEntropy(
        try golden.logits.numbers(), labels: labels, classes: 5, smoothing: smoothing)
      expectClose(
        actual: result.sum / Double(labels.count), expected: try golden.loss.number(), absolute: 1e-12, relative: 1e-12)
      expectClose(
        actual: result.gradient.map { $0 / Double(labels.count) }, expected: try golden.dlogits.numbers(),
        absolute: 1e-12)
    }
    let huber = losses["huber(delta=1)"]
    let result = Reference.huber(try huber.prediction.numbers(), try huber.target.numbers(), delta: 1)
    expectClose(actual: result.sum / 36, expected: try huber.loss.number(), absolute: 1e-12, relative: 1e-12)
  }
}
