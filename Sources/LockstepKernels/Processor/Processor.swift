internal import CKernels
import Libc

/// The machine that this process runs on.
public enum Processor {
  /// Cores that this process may use: those of its affinity, at most the cgroup's quota rounded down, since a thread
  /// more than that stands still for a part of each period and the others wait for it. (`taskset` and containers set
  /// the one, `docker --cpus` and batch schedulers the other.)
  public static let availableCores: Int = {
    guard let quota, quota < Double(coresByAffinity) else { return coresByAffinity }
    return max(1, Int(quota))
  }()

  /// Cores on which the scheduler may put this process's threads.
  package static let coresByAffinity: Int = {
    let count = Int(lk_affinity_count())
    return count > 0 ? count : max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
  }()

  /// Which cores those are, as the system lists them, such as `0-3,8`; empty where it does not.
  package static let affinity: String = {
    let lines = text(ofFile: "/proc/self/status")?.split(separator: "\n") ?? []
    let line = lines.first { $0.hasPrefix("Cpus_allowed_list:") }
    return line.map { String($0.drop { !$0.isNumber }) } ?? ""
  }()

  /// Processor time that the cgroup grants per second, in cores; nil where there is no limit.
  package static let quota: Double? = ProcessorQuota.cores(reading: text(ofFile:))

  /// The instruction set whose kernels run: `x86-64-v4+amx` (AVX-512 with a matrix instruction), `x86-64-v4` (AVX-512),
  /// `x86-64-v3` (AVX2), `x86-64` (SSE2) or `arm64`.
  package static var instructionSet: String { String(cString: lk_name(lk_running())) }

  /// The instruction sets that this processor has kernels for, the widest first.
  package static var instructionSets: [String] { sets.map { String(cString: lk_name($0)) } }

  /// Has the kernels of another instruction set run from now on, in the whole process; without one of this name nothing
  /// is changed.
  package static func run(instructionSet name: String) {
    if let set = sets.first(where: { String(cString: lk_name($0)) == name }) { lk_run(set) }
  }

  /// What becomes of the matrix instruction of the set that runs, by which products in bfloat16 take less time.
  package enum MatrixInstruction: String, Sendable {
    /// The set has none.
    case none
    /// The system does not let this process use it.
    case refused
    /// It gives other bits on this processor than the definition (`Precision.bf16`), so it is not used.
    case differs
    case used
  }

  /// The first call asks the system for the instruction and compares what it gives, which takes some milliseconds.
  package static var matrixInstruction: MatrixInstruction {
    switch lk_matrix_instruction() {
    case LK_MATRIX_USED: .used
    case LK_MATRIX_REFUSED: .refused
    case LK_MATRIX_DIFFERS: .differs
    default: .none
    }
  }

  private static let sets = [LK_X86_64_AMX, LK_X86_64_V4, LK_X86_64_V3, LK_BASE].filter { lk_has($0) != 0 }

  /// The model's name as the system gives it, such as `AMD EPYC 9B45`, or the architecture's.
  package static let modelName: String = {
    var name = [CChar](repeating: 0, count: 256)
    if lk_model_name(&name, name.count - 1) != 0 {
      return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
    let lines = text(ofFile: "/proc/cpuinfo")?.split(separator: "\n") ?? []
    for line in lines where line.hasPrefix("model name") {
      guard let colon = line.firstIndex(of: ":") else { continue }
      let name = line[line.index(after: colon)...].drop { $0 == " " }
      if !name.isEmpty { return String(name) }
    }
    return instructionSet
  }()

  /// Bytes of memory that the machine has.
  package static let memoryBytes: Int = {
    let (pages, size) = (sysconf(Int32(_SC_PHYS_PAGES)), sysconf(Int32(_SC_PAGESIZE)))
    return pages > 0 && size > 0 ? Int(pages) * Int(size) : Int.max
  }()

  /// The text of one of the kernel's small files, whose length is known only after reading; nil if there is none.
  static func text(ofFile path: String) -> String? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { _ = close(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while bytes.count < 1 << 24 {
      let count = read(file, &buffer, buffer.count)
      if count < 0 && errno == EINTR { continue }
      if count < 0 { return nil }
      if count == 0 { break }
      bytes.append(contentsOf: buffer[..<count])
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
