import Libc

/// How much memory this process may take.
package enum MachineMemory {
  /// The machine's memory, or less where a container (`docker --memory`) grants less.
  package static var bytes: Int { min(Processor.memoryBytes, ofContainer ?? .max) }

  /// The limit of the control group as it is seen inside a container, versions 2 and 1; nil where there is none.
  private static var ofContainer: Int? {
    for path in ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"] {
      // Without a limit version 2 says "max", version 1 a number beyond any machine.
      if let limit = firstNumber(in: path) { return limit }
    }
    return nil
  }

  /// What is left of the address space that the process may use (`ulimit -v`); no end where it is not limited.
  package static var addresses: Int {
    guard let limit = addressSpaceLimit(), limit <= UInt64(Int.max) else { return .max }
    let used = (firstNumber(in: "/proc/self/statm") ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE)))
    return max(0, Int(limit) - used)
  }

  /// Whether the system grants so many bytes at this moment: asked for and given back, never touched. An arena that
  /// fits what was granted finds its memory, unless somebody else was quicker.
  package static func grants(_ bytes: Int) -> Bool {
    guard bytes > 0 else { return true }
    let memory = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let memory, memory != MAP_FAILED else { return false }
    munmap(memory, bytes)
    return true
  }

  /// The number that a small file begins with.
  private static func firstNumber(in path: String) -> Int? {
    Processor.text(ofFile: path).flatMap { Int($0.prefix { ("0"..."9").contains($0) }) }
  }
}
