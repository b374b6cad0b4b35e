import Libc
import LockstepKernels

/// The learning-rate range test: a fresh network is trained while the learning rate grows from step to step, and its
/// loss says which rates work — Smith 2017, "Cyclical Learning Rates for Training Neural Networks",
/// https://arxiv.org/abs/1506.01186. Growth and smoothing after Gugger 2018,
/// https://sgugger.github.io/how-do-you-find-a-good-learning-rate.html, whose mean of losses lags behind the rate; here
/// the logarithm of the rate is averaged by the same weights, so that a mean loss stands where its steps were.
public struct LearningRateRange: Sendable, Equatable {
  /// The rates that are tried: from one to another, each step by the same factor.
  public struct Plan: Sendable, Equatable {
    /// The rate of the first step, above 0.
    public var from: Double
    /// The rate of the last step.
    public var to: Double
    /// At least 2.
    public var steps: Int

    /// Nothing is checked here.
    public init(from: Double, to: Double, steps: Int) { (self.from, self.to, self.steps) = (from, to, steps) }

    /// from · (to / from)^(step / (steps − 1)), steps from 0.
    public func rate(at step: Int) -> Double {
      withFloatingPointEnvironment { from * schedule.factor(step: step, horizon: steps) }
    }

    /// The schedule that makes these rates of an optimizer's learning rate `from`.
    public var schedule: Schedule {
      withFloatingPointEnvironment { .exponential(rate: to / from, every: .steps(steps - 1)) }
    }
  }

  /// A step that was done.
  public struct Point: Sendable, Equatable {
    /// The rate of the step's update.
    public var learningRate: Double
    /// Mean loss of the step's batch, before the update.
    public var loss: Double
    /// Geometric mean of the rates so far, newer ones weighing more.
    public var meanRate: Double
    /// Mean of the losses so far, by the weights of `meanRate`.
    public var meanLoss: Double
  }

  /// Why the test ended.
  public enum End: Sendable, Equatable {
    /// All steps are done.
    case completed
    /// The mean loss had grown beyond 4 times the smallest.
    case grown
    /// The numbers of the next step were not finite; the text says which.
    case diverged(String)
  }

  /// Weight of what is older in a mean: β of s = βs + (1 − β)x, divided by 1 − βⁿ. Gugger's 0.98 reckons with many more
  /// steps.
  package static let smoothing = 0.9
  /// How far the mean loss may grow beyond its minimum.
  package static let limit = 4.0
  /// Points before this rest on too few steps to be judged: 1 / (1 − β).
  static let lead = 10

  /// What was to be tried.
  public var plan: Plan
  /// One a step that was done, in their order.
  public var points: [Point]
  /// Why there are no further points.
  public var end: End

  package init(_ plan: Plan, points: [Point], end: End) { (self.plan, self.points, self.end) = (plan, points, end) }

  /// Trains until the plan's steps are done, the mean loss has grown too far, or the numbers diverge.
  ///
  /// - Parameters:
  ///   - trainer: a fresh one, with data attached, whose optimizer's rate is `plan.from` and whose schedule is the
  ///     plan's.
  ///   - observe: is told of every step.
  /// - Throws: `TrainingError` where a step cannot be done. Numbers that diverge are a result.
  public static func measure(
    _ trainer: Trainer, _ plan: Plan, observe: (StepResult) -> Void = { _ in }
  ) throws(TrainingError) -> LearningRateRange {
    var recorder = Recorder(plan)
    for _ in 0..<plan.steps where recorder.range.end == .completed {
      do throws(TrainingError) {
        let step = try trainer.step()
        observe(step)
        withFloatingPointEnvironment { recorder.add(learningRate: step.learningRate, loss: step.loss) }
      } catch {
        guard error.isDivergence else { throw error }
        recorder.range.end = .diverged("\(error)")
      }
    }
    return recorder.range
  }

  /// Takes down step after step, and when it is enough.
  struct Recorder {
    var range: LearningRateRange
    private var loss = RunningMean()
    private var logarithm = RunningMean()
    private var least = Double.infinity

    init(_ plan: Plan) { range = LearningRateRange(plan, points: [], end: .completed) }

    mutating func add(learningRate: Double, loss new: Double) {
      loss.add(new)
      logarithm.add(log(learningRate))
      range.points.append(
        Point(learningRate: learningRate, loss: new, meanRate: exp(logarithm.value), meanLoss: loss.value))
      least = min(least, loss.value)
      if loss.value > limit * least { range.end = .grown }
    }
  }
}

/// A mean in which older values weigh less and less, without the bias towards its beginning at 0 (Kingma, Ba 2014,
/// section 3).
private struct RunningMean {
  private var sum = 0.0
  private var weight = 0.0
  var value: Double { sum / weight }

  mutating func add(_ new: Double) {
    let beta = LearningRateRange.smoothing
    sum = beta * sum + (1 - beta) * new
    weight = beta * weight + (1 - beta)
  }
}
