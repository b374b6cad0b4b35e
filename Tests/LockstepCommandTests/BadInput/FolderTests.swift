import Foundation
import TestSupport
import Testing

@Suite("Bad input: folders of runs")
struct FolderTests {
  @Test func anotherRunIsNotOverwritten() throws {
    let place = try Place()
    try place.succeed("train", "config.yaml", "--output", "run", "--steps", "6", "--quiet")
    let words = ["run: the folder holds a run already (config.yaml)", "--resume", "--output"]
    try place.refuse(["train", "config.yaml", "--output", "run"], words)
    // Any trace of a run protects the folder.
    for trace in ["metrics.jsonl", "metrics.csv", "summary.json", "checkpoints/step-00000001.safetensors.zst"] {
      let folder = "trace-\(trace.replacing("/", with: "-"))"
      try FileManager.default.createDirectory(
        atPath: place.path("\(folder)/checkpoints"), withIntermediateDirectories: true)
      try place.write("precious", to: "\(folder)/\(trace)")
      try place.refuse(["train", "config.yaml", "--output", folder], ["holds a run already (\(trace))"])
    }
  }

  @Test func otherFilesOfAFolderAreLeftAlone() throws {
    let place = try Place()
    try FileManager.default.createDirectory(atPath: place.path("run"), withIntermediateDirectories: true)
    try place.write("mine", to: "run/notes.txt")
    try place.succeed("train", "config.yaml", "--output", "run", "--steps", "1", "--quiet")
    #expect(try place.read("run/notes.txt") == Data("mine".utf8))
  }

  @Test func whatIsNoRunIsNotResumed() throws {
    let place = try Place()
    try FileManager.default.createDirectory(atPath: place.path("empty"), withIntermediateDirectories: true)
    try place.refuse(["resume", "missing"], ["missing: not the folder of a run: there is no such folder"])
    try place.refuse(["resume", "empty"], ["it holds no config.yaml and no checkpoints"])
    try place.refuse(["resume", "config.yaml"], ["it is not a folder"])
  }

  @Test func resumeBeginsWhereThereIsNothing() throws {
    let place = try Place()
    try FileManager.default.createDirectory(atPath: place.path("empty"), withIntermediateDirectories: true)
    for folder in ["empty", "missing"] {
      let outcome = try place.succeed(
        "train", "config.yaml", "--output", folder, "--resume", "--steps", "2", "--quiet", "--json")
      #expect(outcome.json["steps"] as? Int == 2)
    }
  }

  @Test func aKeyThatTouchesTheBitsCannotChange() throws {
    let place = try Place()
    try place.succeed("train", "config.yaml", "--output", "run", "--steps", "6", "--quiet")
    let changes = [
      ("seed=4", "seed: 3, found seed: 4"), ("training.batch_size=40", "training.batch_size: 32"),
      ("training.shards=2", "training.shards: 4"),
      ("optimizer.adam.learning_rate=0.02", "optimizer.adam.learning_rate: 0.01"),
      ("model.layers.3.dropout.rate=0.3", "model.layers.3.dropout.rate"),
      ("training.gradient_clip=null", "training.gradient_clip"),
      ("data.train.synthetic.samples=300", "data.train.synthetic.samples: 200"),
    ]
    for (change, words) in changes {
      try place.refuse(
        ["resume", "run", "--set", change], ["the run was configured with", words, "a new run in another folder"])
    }
    try place.refuse(
      ["train", "config.yaml", "--output", "run", "--resume", "--set", "seed=4"], ["seed: 3, found seed: 4"])
    // What only looks may change.
    try place.succeed(
      "resume", "run", "--set", "metrics.every.steps=1", "--set", "checkpoint.keep=5", "--set", "name=other", "--steps",
      "8")
  }

  @Test func fewerStepsThanAreDoneAreRefused() throws {
    let place = try Place()
    try place.succeed("train", "config.yaml", "--output", "run", "--steps", "12", "--quiet")
    try place.refuse(
      ["resume", "run", "--steps", "5"], ["the run has done 12 steps already, found --steps 5, expected at least 12"])
    try place.refuse(["resume", "run", "--set", "training.epochs=1"], ["found a run of 7 steps, expected at least 12"])
  }

  @Test func aFolderThatCannotBeWrittenIsToldAtTheStart() throws {
    let place = try Place()
    // Nobody, root included, can make a folder there.
    let outcome = try place.lockstep("train", "config.yaml", "--output", "/proc/run")
    #expect(outcome.status == 2)
    #expect(outcome.errors.hasPrefix("/proc/run: cannot create the folder"), "\(outcome)")
    try FileManager.default.createDirectory(atPath: place.path("closed"), withIntermediateDirectories: true)
    try FileManager.default.setAttributes([.posixPermissions: 0o555], ofItemAtPath: place.path("closed"))
    if getuid() != 0 {
      try place.refuse(
        ["train", "config.yaml", "--output", "closed/run"], ["cannot create the folder", "permission denied"])
    }
  }
}
