import Foundation
import TestSupport
import Testing

/// `explain`, and the page of `evaluate`.
@Suite struct ExplainTests {
  @Test func figuresDoNotDependOnThreads() throws {
    let place = try Place()
    try place.succeed("train", "config.yaml", "--output", "run", "--quiet")
    let one = try place.succeed("explain", "run", "--threads", "1", "--json", "a.json", "--report", "a.html", "--quiet")
    let three = try place.succeed(
      "explain", "run", "--threads", "3", "--json", "b.json", "--report", "b.html", "--quiet")
    #expect(one.output == three.output && one.output.contains("feature 5"))
    #expect(try place.read("a.json") == place.read("b.json"))
    #expect(try place.read("a.html") == place.read("b.html"))
    try place.succeed("explain", "run", "--seed", "2", "--json", "b.json", "--quiet")
    #expect(try place.read("a.json") != place.read("b.json"))
    try place.succeed("evaluate", "run", "--threads", "1", "--report", "a.html")
    try place.succeed("evaluate", "run", "--threads", "3", "--report", "b.html")
    #expect(try place.read("a.html") == place.read("b.html"))
  }

  /// Fewer samples than there are lie evenly apart, which is said.
  @Test func fewerSamplesAreSaid() throws {
    let place = try Place()
    try place.succeed("train", "config.yaml", "--output", "run", "--quiet")
    let some = try place.succeed("explain", "run", "--samples", "40", "--repeats", "1", "--quiet")
    #expect(some.output.contains("on 40 of 90 samples"))
    // A single permutation has neither deviation nor interval.
    #expect(!some.output.contains("["))
  }

  @Test func badInputIsRefused() throws {
    let place = try Place()
    try place.succeed("train", "config.yaml", "--output", "run", "--quiet")
    try place.refuse(["explain", "run", "--metric", "r2"], ["--metric r2", "expected one of loss, accuracy"])
    try place.refuse(["explain", "run", "--repeats", "0"], ["--repeats 0: expected at least 1"])
    try place.refuse(["explain", "run", "--samples", "-1"], ["--samples -1: expected at least 1"])
    try place.refuse(["explain", "run", "--json", "no/where.json"], ["--json no/where.json: there is no folder no"])
    try place.refuse(["evaluate", "run", "--report", "run"], ["--report run: found a folder"])
    try place.refuse(["explain", "run", "--missing", "mean"], ["--missing: expected --data beside it"])
    let data = "{synthetic: {kind: gaussian_clusters, samples: 9, features: 5, classes: 3}}"
    try place.refuse(
      ["explain", "run", "--data", data], ["--data: ", "the data set has 5 features, the model expects 6"])
  }

  @Test func standardInputIsReadOnce() throws {
    let place = try Place(
      """
      data: {train: {csv: {path: t.csv, target: y}}}
      model: {layers: [{dense: {units: 2}}]}
      loss: softmax_cross_entropy
      optimizer: {sgd: {learning_rate: 0.1}}
      training: {batch_size: 4, shards: 1, steps: 2}

      """)
    try place.write("a,b,y\n1,2,u\n2,1,v\n3,5,u\n4,4,v\n", to: "t.csv")
    try place.succeed("train", "config.yaml", "--output", "run", "--quiet")
    try place.succeed("evaluate", "run", "--data", "t.csv", "--report", "file.html")
    let piped = try Tool.Running(
      ["-c", "'\(Tool.path)' evaluate run --data - --report pipe.html < t.csv"], of: "/bin/bash", in: place.folder
    ).outcome()
    #expect(piped.status == 0, "\(piped)")
    let pages = try ["file", "pipe"].map { String(decoding: try place.read("\($0).html"), as: UTF8.self) }
    // They differ in what the data is called alone.
    #expect(pages[1].contains("<table") && pages[0].count { $0 == "<" } == pages[1].count { $0 == "<" })
  }

  @Test func imagesAreRefused() throws {
    let place = try Place(
      """
      data:
        train: {synthetic: {kind: textures, samples: 64, height: 16, width: 16, channels: 1, classes: 2}}
        validation: {synthetic: {kind: textures, samples: 32, height: 16, width: 16, channels: 1, classes: 2}}
      model: {layers: [{conv2d: {filters: 2, kernel: 3}}, relu, global_average_pool, {dense: {units: 2}}]}
      loss: softmax_cross_entropy
      optimizer: {sgd: {learning_rate: 0.1}}
      training: {batch_size: 32, shards: 2, steps: 2}

      """)
    try place.succeed("train", "config.yaml", "--output", "run", "--quiet")
    try place.refuse(["explain", "run"], ["found a model of images", "expected one of features"])
    // Its results have a page, with a line a channel.
    try place.succeed("evaluate", "run", "--report", "a.html")
    #expect(String(decoding: try place.read("a.html"), as: UTF8.self).contains("channel 0"))
  }

  @Test func indexIsWrittenOfAFolderOfRuns() throws {
    let place = try Place()
    try place.succeed("train", "config.yaml", "--output", "runs/one", "--quiet", "--steps", "7")
    try place.succeed("report", "runs/one")
    let written = try place.succeed("report", "runs")
    #expect(written.output == "runs/index.html\n")
    let page = String(decoding: try place.read("runs/index.html"), as: UTF8.self)
    #expect(page.contains("href=\"./one/report.html\"") && page.contains("paused"))
    // Another page in the folder of a run is linked from its own.
    try place.write("<html></html>", to: "runs/one/diagnosis.html")
    try place.succeed("report", "runs/one")
    #expect(String(decoding: try place.read("runs/one/report.html"), as: UTF8.self).contains("./diagnosis.html"))
    try place.refuse(["report", "runs/one/checkpoints"], ["runs/one/checkpoints"])
  }
}
