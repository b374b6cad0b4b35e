import ArgumentParser
import LockstepKernels
import LockstepTraining

struct LayersCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "layers",
    abstract: "Where the time of a step goes: by layer kind and direction on one worker, by phase on several.",
    discussion: """
      An activation that is computed while its argument is in cache counts with the layer before it, and on the way back with the layer after it.
      """)

  @Argument(help: "Configurations. (default: those in configs/bench)")
  var configs: [String] = []

  @Option(name: .long, help: "Workers whose waiting for each other is measured. (default: a worker a core)")
  var threads: Int?

  func run() throws {
    print(Machine.line)
    for file in configs.isEmpty ? Workload.benchmarkFiles : configs {
      let workload = try Workload(file: file)
      let profile = try LayerProfile.measure(workload)
      print("\n\(workload.name): \(profile.rows) rows in \(workload.shards) shards, one worker\n")
      print(profile.text)
      let threads = min(threads ?? Processor.availableCores, workload.shards)
      if threads > 1 { print("\n\(try Self.waiting(workload, threads: threads))") }
    }
  }

  /// How the workers' time is spent, and how much of it on each other.
  private static func waiting(_ workload: Workload, threads: Int) throws -> String {
    var steps = try StepTurns(workload, threads: threads)
    for _ in 0..<12 { try steps.take(seconds: 0.06) }
    let all = steps.best.seconds * Double(threads)
    var shares = steps.best.phases.filter { $0.seconds > 0 }.map { ($0.phase.name, $0.seconds / all) }
    // Before the first phase and after the last: choosing the step's samples, starting, and waiting for the slowest.
    shares.append(("start and finish", 1 - shares.reduce(0) { $0 + $1.1 }))
    let texts = shares.map { "\($0.0) \(Figure.percent($0.1))" }
    return "\(threads) workers, \(Figure.time(steps.best.seconds)) a step: \(texts.joined(separator: ", "))"
  }
}

extension LayerProfile {
  var text: String {
    // One worker waits for nobody.
    let update = phases.filter { ![.load, .differentiate, .wait].contains($0.phase) }
    let total = walked + data + update.reduce(0) { $0 + $1.seconds }
    func figure(_ seconds: Double) -> String { seconds > 0 ? Figure.short(seconds / Double(rows) * 1e9) : "" }
    func row(_ name: String, _ parts: [Double], _ seconds: Double) -> [String] {
      [name] + parts.map(figure) + [figure(seconds), Figure.percent(seconds / total)]
    }
    let none = [0.0, 0, 0]
    let table = Table(
      header: ["ns a sample", "forward", "parameters' gradients", "input's gradient", "together", "share"],
      rows: [row("data", none, data)]
        + kinds.map { row($0.name, [$0.forward, $0.parameters, $0.input], $0.seconds) }
        + [row("loss", none, loss)] + update.filter { $0.seconds > 0 }.map { row($0.phase.name, none, $0.seconds) }
        + [row("step", none, total)])
    let multiplying = kinds.filter(\.multiplies)
    func sum(_ seconds: (LayerTimes) -> Double) -> Double { multiplying.reduce(0) { $0 + seconds($1) } }
    let products = [
      ("forward", sum(\.forward), multiplyAdds), ("weight gradients", sum(\.parameters), multiplyAdds),
      ("input gradients", sum(\.input), multiplyAdds - firstMultiplyAdds),
    ].filter { $0.2 > 0 }.map { "\($0.0) \(Figure.short(2e-9 * $0.2 * Double(rows) / $0.1)) GF/s" }
    let differentiate = phases.first { $0.phase == .differentiate }?.seconds ?? 0
    return """
      \(table.text)

      products with what is fused: \(products.joined(separator: ", "))
      layers and loss, walked one by one: \(Figure.percent(walked / differentiate)) of what the trainer takes for them
      """
  }
}
