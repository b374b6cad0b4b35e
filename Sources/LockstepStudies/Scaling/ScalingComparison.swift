import LockstepFormats
import LockstepRuns

/// Results of several machines, or of several configurations, side by side.
package struct ScalingComparison: Sendable {
  /// What was measured, with the word that it is told by.
  package var results: [(name: String, scaling: ThreadScaling)]

  /// Reads what `lockstep scale --json` has written.
  ///
  /// - Throws: `RunError.input` where a file holds something else.
  package init(files: [String]) throws(RunError) {
    results = []
    for path in files {
      var name = Folder.lastName(of: path)
      if name.hasSuffix(".json") { name.removeLast(5) }
      let same = results.count { $0.name == name }
      results.append((same == 0 ? name : path, try ThreadScaling(file: path)))
    }
  }

  package init(_ results: [(name: String, scaling: ThreadScaling)]) { self.results = results }

  /// All thread counts that any of them has, in order.
  package var threads: [Int] { Set(results.flatMap { $0.scaling.rows.map(\.threads) }).sorted() }

  /// For each what it is: processor, cores, and what was trained; and the mark in the table.
  package var facts: [(String, String)] {
    let isBeyond = results.contains { _, scaling in scaling.rows.contains { $0.threads > scaling.cores } }
    let isDoubtful = results.contains { $0.scaling.rows.contains(where: \.isDoubtful) }
    return results.map { name, scaling in
      let machine =
        scaling.processor == ""
        ? "" : "\(scaling.processor), \(scaling.cores) \(Format.plural(scaling.cores, "core")); "
      return (name, "\(machine)\(scaling.name == "" ? "" : "\(scaling.name): ")\(scaling.title)")
    } + (isBeyond ? [("+", "more threads than cores: they take turns")] : [])
      + (isDoubtful ? [ThreadScaling.doubtMark] : [])
  }

  /// The heading of a table with a row for each thread count: samples a second and speed-up of each result.
  package var header: [String] { ["threads"] + results.flatMap { [$0.name, "speed-up"] } }

  /// What is not measured is left empty; threads beyond the cores are marked.
  package var cells: [[String]] {
    threads.map { threads in
      ["\(threads)"]
        + results.flatMap { result -> [String] in
          guard let row = result.scaling.rows.first(where: { $0.threads == threads }) else { return ["", ""] }
          let mark = threads > result.scaling.cores ? " +" : ""
          return [
            "\(row.isDoubtful ? "! " : "")\(Format.count(row.samplesPerSecond))",
            "\(Format.fixed(row.speedUp, 2)) ×\(mark)",
          ]
        }
    }
  }

  /// What the results say beside each other, in sentences.
  package var sentences: [String] {
    let shares = results.compactMap { name, scaling in
      scaling.unsharedShare.map { "\(name): \(Format.percent($0)) of a step cannot be shared." }
    }
    return [fastest].compactMap { $0 } + shares + [bits].compactMap { $0 }
  }

  /// Of results of the same training, none of which is in doubt.
  private var fastest: String? {
    guard isAlike, !results.contains(where: { $0.scaling.rows.contains(where: \.isDoubtful) }) else { return nil }
    let bests = results.map { result in
      result.scaling.rows.reduce(result.scaling.rows[0]) { $1.samplesPerSecond > $0.samplesPerSecond ? $1 : $0 }
    }
    let first = bests.indices.reduce(0) { bests[$1].samplesPerSecond > bests[$0].samplesPerSecond ? $1 : $0 }
    let others = bests.indices.filter { $0 != first }.map { index in
      let ratio = bests[first].samplesPerSecond / bests[index].samplesPerSecond
      return "\(Format.fixed(ratio, 2)) × \(results[index].name) on \(bests[index].threads)"
    }
    return
      "The fastest is \(results[first].name), on \(ThreadScaling.words(bests[first].threads)): \(others.joined(separator: ", "))."
  }

  /// Whether all have trained the same, as far as can be told.
  private var isAlike: Bool {
    let first = results[0].scaling
    return results.allSatisfy {
      let one = $0.scaling
      return one.isWeak == first.isWeak && one.name == first.name
        && (one.steps, one.batch, one.shards) == (first.steps, first.batch, first.shards)
    }
  }

  /// Whether they have come to the same bits, where all have trained the same configuration.
  private var bits: String? {
    let broken = results.filter { !$0.scaling.digestsAgree }.map(\.name)
    if !broken.isEmpty {
      return
        "\(broken.joined(separator: ", ")): DIFFERENT BITS on one machine, expected the same on every number of threads."
    }
    guard isAlike, !results[0].scaling.isWeak else { return nil }
    let digests = Set(results.flatMap { $0.scaling.rows.map(\.weightsDigest) })
    return digests.count == 1
      ? "The same bits on all of them: weights digest \(digests.first ?? "")"
      : "The bits differ: another configuration, version or seed."
  }

  /// As `lockstep scale --compare --json` writes it.
  package var json: JSONObject {
    [
      "results": .array(
        results.map { name, scaling in .object(["name": .string(name), "scaling": .object(scaling.json)]) })
    ]
  }
}
