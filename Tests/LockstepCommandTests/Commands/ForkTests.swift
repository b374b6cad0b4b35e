import Foundation
import TestSupport
import Testing

/// `lockstep fork`, and what other commands say of a fork.
@Suite("fork")
struct ForkTests {
  private func place(_ configuration: String = Configurations.full) throws -> Place {
    let place = try Place(configuration)
    try place.succeed("train", "config.yaml", "--quiet", "--steps", "12")
    return place
  }

  private func run(_ place: Place, _ command: String) throws -> (output: String, status: Int32) {
    let bash = try #require(program("bash"))
    let words = command.replacing("lockstep ", with: "'\(Tool.path)' ", maxReplacements: 1)
    return try runProgram(bash, ["-c", "cd '\(place.folder)' && \(words)"])
  }

  /// The command that a refused setting names does what was wanted.
  @Test(arguments: [
    ["optimizer.adam.learning_rate=0.02"], ["training.batch_size=40", "metrics.every.steps=1"], ["optimizer=sgd"],
    ["training.gradient_clip=null"], ["schedule={cosine: {warmup_steps: 2}}"],
    ["training.shards=2", "training.steps=30"],
    ["model.layers.3.dropout.rate=0.3"], ["regularization={l2: 0.01}"],
  ])
  func theCommandOfARefusal(changes: [String]) throws {
    let place = try place()
    let settings = changes.flatMap { ["--set", $0] }
    let refused = try place.refuse(
      ["resume", "runs/full"] + settings, ["the run was configured with", "from this checkpoint by\n"])
    let command = try #require(refused.errors.split(separator: "\n").last)
    #expect(command.hasPrefix("lockstep fork runs/full --set "))
    let (output, status) = try run(place, "\(command) --quiet --json")
    #expect(status == 0, "\(command)")
    let byHand = try Tool.run(
      ["fork", "runs/full", "--output", "b", "--threads", "3", "--quiet", "--json"] + settings, in: place.folder)
    #expect(byHand.status == 0, "\(byHand)")
    let digest = byHand.json["weights_digest"] as? String
    let fork = try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any]
    #expect(digest != nil && fork?["weights_digest"] as? String == digest)
    #expect(
      fork?["checkpoint"] as? String == byHand.json["checkpoint"].map { "\($0)".replacing("b/", with: "runs/full-2/") })
  }

  @Test func otherCommandsTellOfIt() throws {
    let place = try place()
    let outcome = try place.succeed("fork", "runs/full", "--step", "6", "--verbose", "--set", "training.batch_size=40")
    #expect(outcome.errors.contains("forked from runs/full, step 6; set otherwise: training.batch_size: 32 → 40\n"))
    #expect(outcome.errors.contains("step 6  saved runs/full-2/checkpoints/step-00000006.safetensors.zst"))
    let table = try place.succeed("runs").output
    #expect(
      table.contains(#/samples\/s +forked from\n/#) && table.contains(#/full-2 .* runs\/full, step 6\n/#), "\(table)")
    let diff = try place.succeed("diff", "runs/full", "runs/full-2")
    #expect(
      diff.output.contains(#/training.batch_size +32 +40/#) && diff.output.contains(#/forked from +runs\/full, step 6/#)
    )
    let list = try JSONSerialization.jsonObject(with: Data(try place.succeed("runs", "--json").output.utf8))
    let forks = (list as? [[String: Any]] ?? []).map { $0["forked_from"] as? [String: Any] }
    #expect(forks.count == 2 && forks[0] == nil && forks[1]?["step"] as? Int == 6)
    #expect(forks[1]?["changed"] as? [String: [String]] == ["training.batch_size": ["32", "40"]])
    try place.succeed("report", "runs/full-2")
    let page = String(decoding: try place.read("runs/full-2/report.html"), as: UTF8.self)
    #expect(page.contains("forked from runs/full, step 6") && page.contains("training.batch_size: 32 → 40"))
    // Its best is one of its own.
    try place.succeed("evaluate", "runs/full-2")
  }

  @Test func whichCheckpoint() throws {
    let place = try Place()
    let kept = ["--set", "checkpoint.keep_best={metric: loss, mode: max}", "--set", "checkpoint.keep=9"]
    #expect(try Tool.run(["train", "config.yaml", "--output", "a", "--quiet"] + kept, in: place.folder).status == 0)
    func from(_ arguments: [String]) throws -> Int? {
      let outcome = try Tool.run(
        ["fork"] + arguments + ["--quiet", "--json", "--set", "training.epochs=4", "--steps", "22"], in: place.folder)
      #expect(outcome.status == 0, "\(outcome)")
      return (outcome.json["forked_from"] as? [String: Any])?["step"] as? Int
    }
    #expect(try from(["a"]) == 21 && from(["a", "--last"]) == 21 && from(["a", "--step", "12"]) == 12)
    #expect(try from(["a", "--best"]) == (place.summary("a")["best"] as? [String: Any])?["step"] as? Int)
    #expect(try from(["a/checkpoints/step-00000018.safetensors.zst"]) == 18)
    try place.refuse(
      ["fork", "a", "--step", "13"], ["--step 13: a holds no checkpoint of that step, found those of 6, 7, 12, 18, 21"])
    try place.refuse(["fork", "a", "--step", "6", "--best"], ["--step, --best and --last: expected one of them"])
    try place.refuse(["fork", "a"], ["nothing left to do", "--set training.steps=42"])
    try place.refuse(["fork", "nowhere"], ["nowhere"])
    try place.refuse(["fork", "config.yaml"], ["config.yaml: not a Lockstep checkpoint"])
    try place.refuse(["fork", "a", "--step", "6", "--output", "a"], ["the folder holds a run already"])
    try place.refuse(["fork", "a", "--step", "6", "--output", "a", "--overwrite"], ["found the run that is forked"])
    let file = "a/checkpoints/step-00000006.safetensors.zst"
    var bytes = try place.read(file)
    bytes[bytes.count / 2] ^= 4
    try place.write(bytes, to: file)
    try place.refuse(["fork", "a", "--step", "6"], [file, "damaged"])
  }

  /// Columns are prepared as the checkpoint says, also those of another file, unless a setting says otherwise.
  @Test func otherData() throws {
    func table(_ rows: Int, scale: Double) -> String {
      "a,b,y\n"
        + (0..<rows).map { "\(Double($0 % 13) * scale),\(Double($0 % 7)),\($0 % 2 == 0 ? "no" : "yes")\n" }.joined()
    }
    let place = try Place(
      """
      name: t
      data:
        source: {csv: {path: one.csv, target: y}}
        split: {validation: 0.25, seed: 1}
        standardize: true
      model: {layers: [{dense: 6}, batch_norm, relu, {dense: 2}]}
      loss: softmax_cross_entropy
      optimizer: {adam: {learning_rate: 0.01}}
      training: {batch_size: 20, shards: 4, epochs: 4}
      evaluation: {every: {epochs: 1}}
      """)
    try place.write(table(120, scale: 1), to: "one.csv")
    try place.write(table(200, scale: 3), to: "two.csv")
    try place.succeed("train", "config.yaml", "--quiet", "--steps", "8")
    func preprocessing(_ run: String) throws -> [String: Any] {
      let checkpoint = try #require(place.checkpoints(run).last)
      return try place.succeed("inspect", checkpoint, "--json").json["preprocessing"] as? [String: Any] ?? [:]
    }
    let before = try preprocessing("runs/t")
    let kept = try place.succeed("fork", "runs/t", "--set", "data.source.csv.path=two.csv", "--json")
    // 150 training samples, 8 steps an epoch, 4 epochs.
    #expect(kept.json["steps"] as? Int == 32 && !kept.errors.contains("prepared anew"))
    var after = try preprocessing("runs/t-2")
    #expect(after["samples"] as? Int == 150)
    after["samples"] = before["samples"]
    #expect(NSDictionary(dictionary: after) == NSDictionary(dictionary: before))
    // It goes on as it began.
    let same = try place.succeed(
      "fork", "runs/t", "--set", "data.source.csv.path=two.csv", "--steps", "13", "--threads", "1", "--quiet", "--json")
    #expect(same.json["steps"] as? Int == 13)
    let resumed = try place.succeed("resume", "--threads", "3", "--json")
    #expect(resumed.json["weights_digest"] as? String == kept.json["weights_digest"] as? String)

    let anew = try place.succeed("fork", "runs/t", "--set", "data.standardize=false", "--quiet")
    #expect(anew.errors.contains("warning: the data is read by other settings, so it is prepared anew"))
    try place.write(table(120, scale: 1).replacing("yes", with: "maybe"), to: "one.csv")
    try place.refuse(
      ["fork", "runs/t", "--set", "data.standardize=false"], ["found the classes maybe, no, expected no, yes"])
    try place.write(table(120, scale: 2), to: "one.csv")
    let others = try place.succeed("fork", "runs/t", "--quiet")
    #expect(others.errors.contains("warning: the training data is not what the checkpoint was trained with"))
    try place.write("a,y\n1,no\n2,yes\n", to: "one.csv")
    try place.refuse(["fork", "runs/t"], ["one.csv"])
  }

  @Test func anotherOptimizerIsSaid() throws {
    let place = try place()
    let outcome = try place.succeed("fork", "runs/full", "--set", "optimizer=sgd", "--quiet")
    #expect(
      outcome.errors.contains("warning: what adam remembers means nothing to sgd, which begins as at the first step"))
    try place.refuse(
      ["resume", "runs/full", "--set", "model.layers.0.dense.units=13"],
      ["from these weights by model: {weights: FILE}"])
    try place.refuse(
      ["fork", "runs/full", "--set", "model.layers.0.dense.units=13"],
      [
        "found a model of other tensors",
        "lockstep export runs/full/checkpoints/step-00000012.safetensors.zst --to weights.safetensors",
      ])
  }
}
