import Foundation
import LockstepFormats
import LockstepReport
import LockstepResults
import LockstepRuns
import LockstepStudies
import Testing

/// What `lockstep report` says of a run, whatever has become of it.
@Suite struct RunReportTests {
  private func parsed(_ place: RunPlace) throws -> ParsedPage {
    let page = ParsedPage(try place.report)
    #expect(page.problem == nil && page.elements["script"] == nil)
    return page
  }

  @Test func finishedRunIsToldInFull() throws {
    let place = try RunPlace("name=first try", "metrics.layers_every={steps: 2}")
    let hostile = "{\"event\":\"save_failed\",\"step\":4,\"message\":\"<script>alert(1)</script>\"}\n"
    try place.write(hostile + (try place.read("metrics.jsonl")), to: "metrics.jsonl")
    let page = try parsed(place)
    // Loss, accuracy, learning rate, gradient norm; four of the results; four over the layers, three over time, the
    // weights' size and four histograms; speed.
    #expect(page.charts == 4 + 4 + 4 + 3 + 1 + 4 + 1)
    let history = try RunHistory(place.path)
    #expect(history.state == .finished)
    let best = try #require(history.record.best)
    for words in [
      "first try", "<script>alert(1)</script>", "save failed", "finished", "best accuracy",
      Format.significant(best.value), "All 12 steps are done.", "differentiate",
      "repeat0.2.dense0", "weights digest", "instruction set", "glorot_uniform before relu", "gaussian_clusters",
    ] { #expect(page.texts.contains(words), "\(words)") }
    // Every checkpoint with its digest, as the files say.
    #expect(history.checkpoints.map(\.step) == [4, 8, 12])
    for checkpoint in history.checkpoints {
      let digest = try CheckpointFile.read(checkpoint.path).weightsDigest
      #expect(checkpoint.weightsDigest == digest && page.texts.contains(digest))
    }
    let phases = try #require(history.record.summary?["phases"]?.object)
    #expect(abs(phases.members.reduce(0) { $0 + ($1.value.number ?? 0) } - 1) < 1e-9)
  }

  @Test func weightsAreThoseOfTheCheckpoint() throws {
    let place = try RunPlace()
    let history = try RunHistory(place.path)
    let checkpoint = try CheckpointFile.read(try #require(history.checkpoints.last).path)
    // Tensors are views of the checkpoint's memory.
    defer { withExtendedLifetime(checkpoint) {} }
    let tensors = checkpoint.tensors
    #expect(history.weights.map(\.layer) == ["repeat0.0.dense0", "repeat0.1.dense0", "repeat0.2.dense0", "dense0"])
    for weight in history.weights {
      let values = try #require(tensors.first { $0.name == "model.\(weight.layer).weight" }).values.array
      let norm = values.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
      #expect(abs(weight.norm - norm) < 1e-9 * norm)
      #expect(abs(weight.histogram.shares.reduce(0, +) - 1) < 1e-9)
    }
    #expect(try parsed(place).texts.contains("metrics: {layers_every: {steps: 100}} would have added"))
  }

  /// A killed process leaves a log whose last line is cut, and no summary.
  @Test func killedRunIsToldAsFarAsItCame() throws {
    let place = try RunPlace(steps: 9)
    try place.remove("summary.json")
    let log = try place.read("metrics.jsonl")
    try place.write(String(log.dropLast(20)), to: "metrics.jsonl")
    #expect(try RunHistory(place.path).state == .killed)
    let page = try parsed(place)
    #expect(page.texts.contains("killed") && page.texts.contains("9 of 12 steps") && page.texts.contains("from step 9"))
    // Nothing but the configuration is left.
    for name in ["metrics.jsonl", "checkpoints"] { try place.remove(name) }
    #expect(try parsed(place).texts.contains("its log tells of no step yet"))
  }

  @Test func runThatStoppedEarlySaysWhyAndIsComplete() throws {
    let place = try RunPlace("training.early_stopping={patience: 0, minimum_delta: 1e9}")
    let page = try parsed(place)
    #expect(page.texts.contains("stopped early") && page.texts.contains("The loss has not improved by more than"))
    #expect(!page.texts.contains("lockstep resume"))
  }

  /// A summary stays while a run goes on from where it had ended.
  @Test func runThatWasKilledAfterItHadGoneOnIsNotFinished() throws {
    let place = try RunPlace(steps: 8)
    #expect(try RunHistory(place.path).state == .paused(.steps))
    try place.write(
      try place.read("metrics.jsonl") + "{\"event\":\"train\",\"step\":9,\"loss\":1}\n", to: "metrics.jsonl")
    #expect(try RunHistory(place.path).state == .killed)
  }

  /// Only a checkpoint whose header can be read is promised.
  @Test func damagedCheckpointIsNotWhereItGoesOnFrom() throws {
    let place = try RunPlace(steps: 9)
    try place.remove("summary.json")
    let newest = try #require(try RunHistory(place.path).checkpoints.last)
    #expect(newest.step == 9)
    try Data("damaged".utf8).write(to: URL(filePath: newest.path))
    #expect(try parsed(place).texts.contains("It can go on from step 8: lockstep resume"))
    for checkpoint in try RunHistory(place.path).checkpoints { try Data().write(to: URL(filePath: checkpoint.path)) }
    #expect(try parsed(place).texts.contains("No checkpoint can be read."))
  }

  /// What was passed over is said where it is said that all is done.
  @Test func finishedRunSaysHowManyStepsWerePassedOver() throws {
    let place = try RunPlace()
    try place.write(
      try place.read("summary.json").replacing("\"skipped_steps\": 0", with: "\"skipped_steps\": 3"), to: "summary.json"
    )
    #expect(try parsed(place).texts.contains("but 3 of them were passed over without an update"))
  }

  /// A step may come too early for the log to tell of layers, and a signal may be 0.
  @Test func layersThatAreNotToldOfYet() throws {
    let place = try RunPlace("metrics.layers_every={steps: 10}", steps: 9)
    let texts = try parsed(place).texts
    #expect(texts.contains("no step at which it would has been done") && !texts.contains("would have added"))
    func line(_ step: Int, _ signals: [Double]) -> String {
      let layers = signals.enumerated().map {
        "{\"name\":\"dense\($0)\",\"signal\":\($1),\"gradient_norm\":0,\"update_ratio\":0}"
      }
      return "{\"event\":\"layers\",\"step\":\(step),\"layers\":[\(layers.joined(separator: ","))]}\n"
    }
    try place.write(line(1, [1, 0.5, 0]) + line(2, [1, 0, 0]), to: "metrics.jsonl")
    let page = try parsed(place)
    #expect(page.texts.contains("where a line has a gap, it is 0"))
    #expect(page.texts.contains("0 in every layer."))
  }

  @Test func goingRunIsSeenByItsLock() throws {
    let place = try RunPlace(steps: 8)
    let run = try TrainingRun.resume(place.path)
    #expect(try RunHistory(place.path).state == .running)
    #expect(try parsed(place).texts.contains("running"))
    _ = try run.train()
    #expect(try RunHistory(place.path).state == .finished)
  }

  @Test func divergedRunSaysWhere() throws {
    let place = try RunPlace("optimizer.sgd.learning_rate=1e18", task: RunPlace.regression)
    guard case .diverged(let message) = try RunHistory(place.path).state else {
      Issue.record("not diverged")
      return
    }
    #expect(message.contains("not finite"))
    let page = try parsed(place)
    #expect(page.texts.contains(message) && page.texts.contains("Nothing is evaluated"))
  }

  @Test func oneStepIsAPage() throws {
    let page = try parsed(try RunPlace(steps: 1))
    #expect(page.texts.contains("1 of 12 steps"))
    #expect((page.elements["circle"] ?? 0) > 0)
  }

  /// Those of one column are four at most, and the extremes are among them.
  @Test func manyLinesAreThinned() throws {
    let place = try RunPlace()
    let count = 100_000
    let lines = (1...count).map { step in
      let loss = step == 70_001 ? "50" : step % 1000 == 0 ? "null" : "\(1 + 1 / Double(step))"
      return
        "{\"event\":\"train\",\"step\":\(step),\"epoch\":0,\"loss\":\(loss),\"learning_rate\":0.01,\"samples_per_second\":1000}\n"
    }
    try place.write(lines.joined(), to: "metrics.jsonl")
    let text = try place.report
    #expect(text.utf8.count < 400_000)
    let page = ParsedPage(text)
    #expect(page.problem == nil && page.texts.contains("100\u{A0}000 lines of figures"))
    let points = (1...count).map { (x: Double($0), y: $0 == 70_001 ? 50 : Optional(1 / Double($0))) }
    let chart = LineChart([.init(name: "", points: points)], xTitle: "", yTitle: "", x: .whole)
    let trace = try #require(ParsedPage(chart.svg.markup).attributes["d"]?.first)
    #expect(trace.count { $0 == "L" } < 4 * 600 && trace.count { $0 == "M" } == 1)
    let heights = trace.split { "ML".contains($0) }.compactMap { Double($0.split(separator: " ")[1]) }
    let peak = try #require(chart.y.place(50))
    // Of 194 units.
    #expect(abs(try #require(heights.min()) - 194 * (1 - peak)) < 0.02)
  }

  @Test func dataThatIsGoneIsNotMissed() throws {
    let table = NSTemporaryDirectory() + "lockstep-\(UUID().uuidString).csv"
    let rows = (0..<80).map { "\($0 % 7),\(Double($0) / 3),\($0 % 2)" }
    try Data(("a,b,label\n" + rows.joined(separator: "\n") + "\n").utf8).write(to: URL(filePath: table))
    let place = try RunPlace(
      task: """
        data: {train: {csv: {path: \(table), target: label}}, standardize: true}
        model: {layers: [{dense: {units: 4}}, tanh, {dense: {units: 2}}]}
        loss: softmax_cross_entropy
        optimizer: {adam: {learning_rate: 0.01}}
        """)
    try FileManager.default.removeItem(atPath: table)
    #expect(try parsed(place).texts.contains("finished"))
  }
}
