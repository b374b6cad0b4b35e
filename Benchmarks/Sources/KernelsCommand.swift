import ArgumentParser
import LockstepFormats
import LockstepRuns

struct KernelsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kernels",
    abstract: "What every hot kernel reaches on one core, beside what the machine can do.",
    discussion: """
      The limits are measured first: arithmetic, by tiles of a product in the first cache, and the bandwidth of every level of the memory, for loops \
      that only read, that write in place, and that write elsewhere. A kernel bound by memory is held against the level that holds the bytes that it must \
      move, every operand counted once.
      """)

  @Option(name: .long, help: ArgumentHelp("Also write the figures as JSON.", valueName: "file"))
  var json: String?

  private static let groups =
    Workload.benchmarkFiles.map(ProductKernels.layers) + [ProductKernels.squares] + ElementwiseKernels.activations + [
      ElementwiseKernels.batchNorm, ElementwiseKernels.losses, ReductionKernels.sums,
    ] + ReductionKernels.updates + [RandomKernels.streams, RandomKernels.samples, BarrierKernels.group]

  func run() throws {
    let limits = MachineLimits.measure()
    print("\(Machine.line)\n\n\(limits.text)")
    var groups: [JSONValue] = []
    for group in Self.groups {
      let results = try group.kernels().map { $0.measure(against: limits) }
      print("\n\(group.title)\n\n\(Table(header: KernelResult.header, rows: results.map(\.row)).text)")
      groups.append(["title": .string(group.title), "kernels": .array(results.map(\.json))])
    }
    if let json {
      try JSONFile.write(["machine": Machine.json, "limits": limits.json, "groups": .array(groups)], to: json)
    }
  }
}

extension MachineLimits {
  var text: String {
    let rows = memory.map { level in
      [level.name, Figure.bytes(level.footprint)]
        + [.reading, .inPlace, .elsewhere].map { Figure.short(level.rate($0) * 1e-9) }
    }
    return """
      limits of one core: \(Figure.short(arithmetic * 1e-9)) GF/s, and

      \(Table(header: ["memory", "touched", "reading GB/s", "in place GB/s", "elsewhere GB/s"], rows: rows).text)
      """
  }

  var json: JSONValue {
    [
      "arithmetic_gflops": .number(arithmetic * 1e-9),
      "memory": .array(
        memory.map {
          [
            "name": .string($0.name), "bytes": .integer($0.footprint),
            "reading_gb_per_second": .number($0.rate(.reading) * 1e-9),
            "in_place_gb_per_second": .number($0.rate(.inPlace) * 1e-9),
            "elsewhere_gb_per_second": .number($0.rate(.elsewhere) * 1e-9),
          ]
        }),
    ]
  }
}
