import LockstepTraining
import SampleSupport
import TestSupport
import Testing

/// That the running statistics of BatchNorm number `index` are the mean and variance of each of the channels of
/// `values`, which has them last.
func expectRunningStatistics(of trainer: Trainer, _ index: Int, moments values: [Double], channels: Int) throws {
  let exact = (0..<channels).map { c in moments(stride(from: c, to: values.count, by: channels).map { values[$0] }) }
  expectClose(
    actual: try trainer.tensor("model.batch_norm\(index).running_mean").array, expected: exact.map(\.mean),
    absolute: 1e-5, "means of batch_norm\(index)")
  expectClose(
    actual: try trainer.tensor("model.batch_norm\(index).running_variance").array, expected: exact.map(\.variance),
    "variances of batch_norm\(index)")
}
