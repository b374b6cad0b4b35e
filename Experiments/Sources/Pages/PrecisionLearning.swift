import LockstepConfiguration
import LockstepFormats
import LockstepStudies

/// How networks end whose matrix products are in bfloat16, beside the same networks in float32.
struct PrecisionLearning: Experiment {
  let name = "precision"
  let title = "What bfloat16 costs in loss and accuracy"

  /// A configuration of the repository with what is set beside it.
  private struct Subject {
    var name: String
    var file: String
    var epochs: Int
    var settings: [String] = []
    /// What is compared beside the loss, a share.
    var metric = "accuracy"
  }

  private static let subjects = [
    Subject(
      name: "quickstart", file: "configs/quickstart.yaml", epochs: 10, settings: ["optimizer.adam.learning_rate=0.0005"]
    ),
    Subject(name: "deep-selu", file: "configs/deep-selu.yaml", epochs: 2),
    Subject(name: "digits", file: "configs/tables/digits.yaml", epochs: 60),
    Subject(name: "regression-plateau", file: "configs/regression-plateau.yaml", epochs: 30, metric: "r2"),
    Subject(
      name: "fifty layers with BatchNorm", file: "configs/deep-selu.yaml", epochs: 2,
      settings: [
        "model.layers.0.repeat.layers=[{dense: 128}, batch_norm, selu]", "model.layers.1={dropout: {rate: 0.05}}",
        "model.layers.2={dense: 4}",
      ]),
  ]
  /// In the order in which they are trained.
  private static let precisions = ["float32", "bf16"]

  /// The figures of one metric, seed by seed.
  private struct Pair {
    var float32: Figures
    var bf16: Figures
    var difference: Difference { Difference(bf16.values, float32.values) }
    /// The difference over what float32 has.
    var relative: Difference {
      Difference(zip(bf16.values, float32.values).map { $0 / $1 }, float32.values.map { _ in 1 })
    }
  }

  private struct Result {
    var subject: Subject
    var loss: Pair
    var metric: Pair
  }

  func run(on page: inout ExperimentPage, quick: Bool) throws {
    page.setBases(
      Self.subjects.reduce(into: []) { files, one in if !files.contains(one.file) { files.append(one.file) } })
    let results = try Self.subjects.map { try Self.train($0, on: &page, quick: quick) }
    let seeds = results[0].loss.float32.values.count
    page.add(
      """
      ## Each seed twice

      Every configuration is trained from \(seeds) seeds in float32 and in [bfloat16](../precision.md), and evaluated in float32 at its end on samples that were not trained on. \
      Both trainings of a seed begin with the same weights and see the same samples in the same order, so the difference is taken seed by seed, with Student's interval of its \
      mean, as [`lockstep compare`](../compare.md) does. Of ten intervals of 95 % one or more leaves out 0 by chance in two pages of five.
      """)
    page.addTable(
      ["configuration", "at the end", "float32", "bfloat16", "bfloat16 less float32", "which is"],
      results.flatMap { result in
        [
          [
            result.subject.name, result.subject.metric == "r2" ? "R²" : "accuracy", result.metric.float32.percent(2),
            result.metric.bf16.percent(2), "\(result.metric.difference.hundredths(2)) points",
            Self.words(result.metric.difference, isBetterAbove: true),
          ],
          [
            "", "loss", result.loss.float32.plain, result.loss.bf16.plain, result.loss.difference.plain,
            Self.words(result.loss.difference, isBetterAbove: false),
          ],
        ]
      })
    page.add(Self.summary(results))
    page.add(
      "What was set beside the files. Those with fewer epochs than there are cut short, so that the page takes minutes:"
    )
    page.addTable(
      ["configuration", "epochs", "file", "settings"],
      results.map { result in
        [
          result.subject.name, "\(Self.epochs(result.subject, quick))", "`\(result.subject.file)`",
          result.subject.settings.map { "`\($0)`" }.joined(separator: " "),
        ]
      })
    claims(results, on: &page)
  }

  private func claims(_ results: [Result], on page: inout ExperimentPage) {
    page.claim(
      "With float32's settings bfloat16 ends where float32 does: not half a point less", source: "Kalamkar et al. 2019",
      results.map { $0.metric.difference.exceeds(-0.005) }.reduce(.shows) { $0.and($1) },
      evidence: results.map { "\($0.subject.name) \($0.metric.difference.hundredths(2))" }.joined(separator: ", "))
    page.claim(
      "Its loss at the end is not a hundredth higher", source: "Kalamkar et al. 2019",
      results.map { $0.loss.relative.staysBelow(0.01) }.reduce(.shows) { $0.and($1) },
      evidence: results.map { "\($0.subject.name) \($0.loss.relative.hundredths(2)) %" }.joined(separator: ", "))
    let deep = results.filter { $0.subject.file == "configs/deep-selu.yaml" }
    page.claim(
      "Rounding adds up over fifty layers: there the loss is higher", source: "measured here only",
      deep.map { $0.loss.difference.exceeds() }.reduce(.shows) { $0.and($1) },
      evidence: deep.map { "\($0.subject.name) \($0.loss.difference.plain)" }.joined(separator: ", "))
  }

  private static func epochs(_ subject: Subject, _ quick: Bool) -> Int {
    quick ? max(1, subject.epochs / 5) : subject.epochs
  }

  private static func train(_ subject: Subject, on page: inout ExperimentPage, quick: Bool) throws -> Result {
    let settings = ["training.epochs=\(epochs(subject, quick))"] + subject.settings
    let configuration = try RunConfiguration(
      file: "\(repository)/\(subject.file)", overrides: settings.map { try ConfigurationOverride($0) })
    var cells: [String: [Comparison.Trial]] = [:]
    let plan = try Comparison.Plan(
      configuration, varying: [Variation(key: "training.precision", values: precisions)], over: .seeds(quick ? 2 : 10),
      metric: subject.metric)
    for cell in try plan.run().cells { cells[cell.choices[0].value] = cell.trials }
    for (seed, precision) in (0..<plan.trials.count).flatMap({ seed in precisions.map { (seed, $0) } }) {
      guard let trial = cells[precision]?[seed] else { continue }
      page.record(
        [subject.file] + settings + ["seed=\(configuration.seed + UInt64(seed))", "training.precision=\(precision)"],
        trial.weightsDigest)
    }
    func pair(_ metric: String) -> Pair {
      func values(_ precision: String) -> [Double] { (cells[precision] ?? []).map { $0.metrics[metric] ?? .nan } }
      return Pair(float32: Figures(values: values("float32")), bf16: Figures(values: values("bf16")))
    }
    return Result(subject: subject, loss: pair("loss"), metric: pair(subject.metric))
  }

  /// The repository's folder, in which this program is built and its configurations stand.
  private static let repository = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(4)
    .joined(separator: "/")

  /// Whether it hurts.
  private static func summary(_ results: [Result]) -> String {
    let told = results.flatMap { result in
      [(result.subject.metric, result.metric), ("loss", result.loss)].filter { $0.1.difference.exceeds() != .open }
        .map { "\($0.0) of \(result.subject.name)" }
    }
    return told.isEmpty
      ? "No interval leaves out 0: as far as these seeds tell, bfloat16 hurts none of the networks."
      : "The intervals that leave out 0: \(told.joined(separator: ", "))."
  }

  private static func words(_ difference: Difference, isBetterAbove: Bool) -> String {
    switch difference.exceeds() {
    case .open: "no difference that shows"
    case .shows: isBetterAbove ? "better" : "worse"
    case .doesNotShow: isBetterAbove ? "worse" : "better"
    }
  }
}
