import LockstepConfiguration
import TestSupport
import Testing

/// Thousands of damaged files and overrides, from fixed seeds: each is read or refused, and none is the end of the
/// process.
@Suite struct ConfigurationFuzzTests {
  private static let tokens = [
    "{", "}", "[", "]", ":", ",", "- ", "? ", "\n", "  ", "\t", "#", "\"", "'", "|", ">", "&a ", "*a", "!t ", "%", "@",
    "`", "~", "null", "true",
    "0", "-1", "1e999", ".inf", ".nan", "9223372036854775808", "1e-06", "0x1F", "é", "\u{1F600}", "\u{0}", "\u{85}",
    "\u{2028}", "---", "...", "<<",
    "dense: {units: 4}", "repeat: {times: 9999, layers: [relu]}", "residual: [relu]", "steps: 1", "epochs: 1",
    "batch_norm", "adamw", "shards: 1",
  ]

  /// One to five edits: characters deleted, doubled, swapped or replaced, tokens put in, lines moved.
  private func mutated(_ text: String, _ random: inout SplitMix64) -> String {
    var scalars = Array(text.unicodeScalars)
    for _ in 0..<Int.random(in: 1...5, using: &random) where !scalars.isEmpty {
      let place = Int.random(in: 0..<scalars.count, using: &random)
      let end = min(scalars.count, place + Int.random(in: 1...20, using: &random))
      switch Int.random(in: 0..<6, using: &random) {
      case 0: scalars.removeSubrange(place..<end)
      case 1: scalars.insert(contentsOf: scalars[place..<end], at: Int.random(in: 0...scalars.count, using: &random))
      case 2: scalars.swapAt(place, Int.random(in: 0..<scalars.count, using: &random))
      case 3: scalars[place] = UnicodeScalar(UInt8.random(in: 0...255, using: &random))
      case 4: scalars.removeSubrange(place...)
      default:
        let token = Self.tokens[Int.random(in: 0..<Self.tokens.count, using: &random)]
        scalars.insert(contentsOf: token.unicodeScalars, at: place)
      }
    }
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    return String(view)
  }

  private func check(_ yaml: String, _ overrides: [ConfigurationOverride] = [], _ seed: UInt64) {
    do throws(ConfigurationErrors) {
      let configuration = try RunConfiguration(yaml: yaml, file: "fuzz", overrides: overrides)
      // What is accepted can be used, and is what it says it is.
      #expect(configuration.totalSteps >= 1 && configuration.stepsPerEpoch >= 1)
      let again = try RunConfiguration(yaml: configuration.resolvedYAML)
      #expect(again == configuration, "seed \(seed)")
    } catch {
      #expect(
        !error.errors.isEmpty && error.errors.allSatisfy { !$0.found.isEmpty && !$0.expected.isEmpty }, "seed \(seed)")
    }
  }

  @Test func mutations() {
    for seed in 1...3000 as ClosedRange<UInt64> {
      var random = SplitMix64(state: seed)
      let base = seed.isMultiple(of: 3) ? ConfigurationDecodingTests.example : validConfiguration
      check(mutated(base, &random), [], seed)
    }
  }

  /// Values of other places, so that everything is well-formed and little fits.
  @Test func valuesInWrongPlaces() throws {
    let paths = [
      "seed", "name", "data", "data.train", "data.train.synthetic", "data.train.synthetic.kind",
      "data.train.synthetic.samples", "model", "model.layers",
      "model.layers.0", "model.layers.1", "model.layers.0.dense", "model.layers.0.dense.units",
      "model.layers.0.dense.initializer", "loss", "optimizer",
      "optimizer.adam", "optimizer.adam.learning_rate", "schedule", "schedule.cosine.warmup_steps", "training",
      "training.batch_size", "training.shards",
      "training.threads", "training.steps", "training.epochs", "training.gradient_clip", "evaluation",
      "evaluation.every", "checkpoint.keep", "metrics",
      "regularization", "a.b.c", "0", "model.layers.-1", "model.layers.0.dense.units.x",
      "data.validation.synthetic.split",
    ]
    let values = [
      "0", "1", "2", "-1", "1e15", "16777216", "0.5", "1e-320", "relu", "adam", "[]", "{}", "[1, 2]", "{a: 1}", "null",
      "true", "'x'", "[[]]", "{steps: 1}",
      "{epochs: 1000000}", "{piecewise: {boundaries: [], factors: [1]}}", "[batch_norm]",
      "{repeat: {times: 10000, layers: [{dense: {units: 9}}]}}",
      "{residual: [relu]}", "{kind: teacher, samples: 1, features: 1, targets: 1}",
      "{synthetic: {kind: spirals, samples: 9, features: 2, classes: 2}}", "validation",
    ]
    for seed in 1...2000 as ClosedRange<UInt64> {
      var random = SplitMix64(state: seed)
      let overrides = (0..<Int.random(in: 1...4, using: &random)).map { _ in
        ConfigurationOverride(
          path: paths[Int.random(in: 0..<paths.count, using: &random)],
          value: values[Int.random(in: 0..<values.count, using: &random)])
      }
      check(validConfiguration, overrides, seed)
    }
  }
}
