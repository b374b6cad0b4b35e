import LockstepConfiguration
import LockstepTraining
import TestSupport
import Testing

/// What a resumed run may change, and what would change its bits.
@Suite struct ConfigurationDifferenceTests {
  private func differences(_ overrides: String..., base: String = validConfiguration) throws
    -> [ConfigurationDifference]
  {
    var parsed: [ConfigurationOverride] = []
    for override in overrides { parsed.append(try ConfigurationOverride(override)) }
    let old = try RunConfiguration(yaml: base)
    return try RunConfiguration(yaml: base, overrides: parsed).differences(from: old)
  }

  @Test func none() throws {
    #expect(try differences() == [])
    #expect(try differences("training.threads=auto", "optimizer.adam.beta1=0.9") == [])
  }

  @Test(
    arguments: [
      ("name=other", "name", "tiny", "other"), ("training.threads=2", "training.threads", "auto", "2"),
      ("checkpoint.keep=1", "checkpoint.keep", "3", "1"),
      ("metrics={every: {steps: 7}, dense_start: true}", "metrics.every.steps", "100", "7"),
      ("metrics.dense_start=false", "metrics.dense_start", "true", "false"),
      ("metrics.digest_every.steps=7", "metrics.digest_every", nil, "{steps: 7}"),
      ("metrics.layers_every.epochs=7", "metrics.layers_every", nil, "{epochs: 7}"),
      ("logging.tensorboard=true", "logging.tensorboard", "false", "true"),
      ("training.accumulate=2", "training.accumulate", "1", "2"),
      ("training.steps=60", "training.steps", "50", "60"),
      ("data.validation.synthetic.samples=300", "data.validation.synthetic.samples", "200", "300"),
      ("evaluation.every.epochs=2", "evaluation.every.epochs", "1", "2"),
    ] as [(String, String, String?, String?)])
  func withoutTouchingBits(override: String, key: String, old: String?, new: String?) throws {
    #expect(try differences(override) == [ConfigurationDifference(key: key, old: old, new: new, touchesBits: false)])
  }

  @Test(
    arguments: [
      ("seed=4", "seed", "3", "4"), ("training.shards=2", "training.shards", "4", "2"),
      ("training.batch_size=50", "training.batch_size", "100", "50"),
      ("training.drop_last=true", "training.drop_last", "false", "true"),
      ("training.precision=bf16", "training.precision", "float32", "bf16"),
      ("model.layers.0.dense.units=17", "model.layers.0.dense.units", "16", "17"),
      ("model.layers.2=gelu", "model.layers.2", "relu", "gelu"),
      ("schedule=constant", "schedule", "{cosine: {end: 0.0, warmup: {steps: 5}}}", "constant"),
      ("optimizer.adam.weight_decay=0.5", "regularization.l2", "0.0", "0.5"),
      ("training.gradient_clip.value=1", "training.gradient_clip", nil, "{value: 1.0}"),
      ("training.weight_average.decay=0.5", "training.weight_average", nil, "{decay: 0.5}"),
      (
        "loss.softmax_cross_entropy.class_weights=balanced", "loss.softmax_cross_entropy.class_weights", nil, "balanced"
      ),
      ("data.train.synthetic.samples=2000", "data.train.synthetic.samples", "1000", "2000"),
    ] as [(String, String, String?, String?)])
  func touchingBits(override: String, key: String, old: String?, new: String?) throws {
    #expect(try differences(override) == [ConfigurationDifference(key: key, old: old, new: new, touchesBits: true)])
  }

  @Test func otherPicturesAreOtherBits() throws {
    let old = try RunConfiguration(yaml: validConfiguration)
    var new = old
    new.training.augmentation = Augmentation(crop: .init(padding: 2), brightness: 0.5)
    let text = "{crop: {padding: 2}, brightness: 0.5, contrast: 0.0}"
    #expect(
      new.differences(from: old) == [
        ConfigurationDifference(key: "training.augment", old: nil, new: text, touchesBits: true)
      ])
    var other = new
    other.training.augmentation?.crop?.padding = 3
    #expect(
      other.differences(from: new) == [
        ConfigurationDifference(key: "training.augment.crop.padding", old: "2", new: "3", touchesBits: true)
      ])
  }

  @Test func anotherUnitOfTheLength() throws {
    let found = try differences("training.epochs=6")
    #expect(found.map(\.key) == ["training.steps", "training.epochs"])
    #expect(found.allSatisfy { !$0.touchesBits })
    #expect(found.map(\.description) == ["training.steps: 50, gone", "training.epochs: 6, new"])
  }

  @Test func anotherList() throws {
    let found = try differences("model.layers=[{dense: {units: 4}}]")
    #expect(found.count == 1 && found[0].key == "model.layers" && found[0].touchesBits)
  }

  /// A plateau acts on what evaluation sees.
  @Test func evaluationTouchesBitsThroughAPlateau() throws {
    let base = configuration(replacing: "{cosine: {warmup_steps: 5}}", with: "reduce_on_plateau")
    for override in ["evaluation.every.epochs=2", "data.validation.synthetic.samples=300"] {
      #expect(try differences(override, base: base).map(\.touchesBits) == [true])
    }
    #expect(try differences("checkpoint.keep=9", base: base).map(\.touchesBits) == [false])
  }
}
