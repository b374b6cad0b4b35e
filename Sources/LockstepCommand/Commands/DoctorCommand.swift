import ArgumentParser
import Lockstep

struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Say what this machine is and what its arithmetic reaches.",
    discussion: """
      Example:

        lockstep doctor

      Two machines whose arithmetic fingerprints are equal give the same bits: all
      that have fused multiply-add. The widest instruction set of the processor is
      used; LOCKSTEP_INSTRUCTION_SET=x86-64-v3 has any command use another.
      """)

  @Flag(name: .long, help: "Print as JSON.")
  var json = false

  func run() throws {
    let cluster = try RankedProcess.join(timeout: 600)
    if let cluster, !cluster.leads { return }
    let fingerprint = ArithmeticFingerprint.current
    let cores = Processor.availableCores
    let isCommon = ArithmeticProbe.fusesMultiplyAdd
    let peaks = try MachinePeak.measure(threads: cores)
    var rows: [MachineText.Row] = [
      ("lockstep", .string(LockstepVersion.current), LockstepVersion.current),
      ("processor", .string(Processor.modelName), Processor.modelName),
      ("instruction_set", .string(fingerprint.instructionSet), fingerprint.instructionSet),
    ]
    let matrix = Processor.matrixInstruction
    rows.append(("matrix_instruction", .string(matrix.rawValue), MachineText.matrixInstruction(matrix)))
    rows += MachineText.topology(ProcessorTopology.current)
    rows += [
      (
        "cores", .integer(cores),
        MachineText.cores(cores, byAffinity: Processor.coresByAffinity, quota: Processor.quota)
      ),
      (
        "threads", .integer(cores),
        "\(cores) where `threads: auto` is set, a core each; fewer for steps that are too small for so many"
      ),
    ]
    rows += MachineText.ranks(cluster, library: MessagePassing.library)
    rows += [
      ("compression", .string(compressionLibrary), compressionLibrary),
      (
        "gflops_one_core", .number(peaks.oneCore),
        "\(Format.significant(peaks.oneCore, 3)) GFLOP/s in products of 1024 × 1024 matrices"
      ),
      ("gflops_all_cores", .number(peaks.allCores), "\(Format.significant(peaks.allCores, 3)) GFLOP/s"),
      (
        "arithmetic", .string(isCommon ? "fused" : "unfused"),
        isCommon
          ? "the bits of every processor with fused multiply-add"
          : "bits of its own: it has no fused multiply-add, or does not use it"
      ),
      ("arithmetic_fingerprint", .string(fingerprint.digest), fingerprint.digest),
    ]
    if json {
      var object = JSONObject()
      for (name, value, _) in rows { object[name] = value }
      return try Terminal.output(JSONValue.object(object).prettyText)
    }
    try Terminal.output(
      Table.pairs(
        rows.map { ($0.0.split(separator: "_").joined(separator: " "), $0.2) }, columns: Terminal.tableColumns))
  }
}
