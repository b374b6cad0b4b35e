import ArgumentParser
import LockstepFormats

struct SweepCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sweep",
    abstract: "How the time of a step grows with batch, width, depth and threads.",
    discussion: "Writes scaling.json, scaling.md and a plot a sweep.")

  @Option(name: .long, help: ArgumentHelp("Thread counts, with commas between.", valueName: "n,n,…"))
  var threads = "1,2,4,8"

  @Flag(name: .long, help: "Shorter turns: to see the shapes, not the figures.")
  var quick = false

  @Option(name: .long, help: ArgumentHelp("The folder to write to.", valueName: "dir"))
  var output: String

  func run() throws {
    let counts = try counts()
    // A folder that cannot be had is said before, not after minutes.
    try Folder.create(output)
    let sweeps = [Sweep.batch, .width, .depth] + ["wide", "deep"].map { Sweep.threads(counts, of: $0) }
    let results = try sweeps.map { sweep in
      let result = try SweepResult.measure(sweep, turns: quick ? 3 : 8, seconds: quick ? 0.05 : 0.15)
      print(([sweep.title, sweep.subject, "", result.table.text] + result.notes + [""]).joined(separator: "\n"))
      return result
    }
    try SweepResult.write(results, to: output)
  }

  private func counts() throws -> [Int] {
    let counts = threads.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
    guard counts.allSatisfy({ $0 >= 1 }), Set(counts).count == counts.count else {
      throw ValidationError("--threads \(threads): expected counts that differ, with commas between, such as 1,2,4")
    }
    return counts.sorted()
  }
}
