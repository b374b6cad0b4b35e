/// How the machine's processors belong together, as Linux tells it in `/sys/devices/system`: threads share a core,
/// cores share a cache, a socket, a node of memory. What it does not tell is nil; other systems tell nothing.
package struct ProcessorTopology: Sendable, Equatable {
  /// Logical processors that are online.
  package let processors: Int
  package let cores: Int?
  package let sockets: Int?
  /// Nodes of memory (NUMA).
  package let memoryNodes: Int?
  /// By level, from the first on: bytes of one cache that holds data, and how many processors share it.
  package let caches: [Cache]

  package struct Cache: Sendable, Equatable {
    package let level: Int
    package let bytes: Int
    package let processors: Int
  }

  /// That of this machine.
  package static let current = ProcessorTopology(reading: Processor.text(ofFile:))

  /// - Parameter text: the text of the file at a path, or nil if it cannot be read.
  package init?(reading text: (String) -> String?) {
    let system = "/sys/devices/system"
    func line(_ path: String) -> Substring? { text("\(system)/\(path)")?.split(separator: "\n").first }
    guard let online = line("cpu/online").flatMap(Self.list) else { return nil }
    processors = online.count
    let places = online.compactMap { processor -> [Int]? in
      let folder = "cpu/cpu\(processor)/topology"
      guard let socket = line("\(folder)/physical_package_id").flatMap({ Int($0) }),
        let core = line("\(folder)/core_id").flatMap({ Int($0) })
      else { return nil }
      return [socket, core]
    }
    let isTold = places.count == online.count
    cores = isTold ? Set(places).count : nil
    sockets = isTold ? Set(places.map { $0[0] }).count : nil
    memoryNodes = line("node/online").flatMap(Self.list)?.count
    caches = (0..<8).compactMap { index in
      let folder = "cpu/cpu\(online[0])/cache/index\(index)"
      guard let kind = line("\(folder)/type"), kind != "Instruction",
        let level = line("\(folder)/level").flatMap({ Int($0) }),
        let bytes = line("\(folder)/size").flatMap(Self.size),
        let sharing = line("\(folder)/shared_cpu_list").flatMap(Self.list)
      else { return nil }
      return Cache(level: level, bytes: bytes, processors: sharing.count)
    }
  }

  /// `0-3,8,10-11`; nil for anything else.
  private static func list(_ text: Substring) -> [Int]? {
    var numbers: [Int] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
      guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2, first <= last, last < 1 << 20
      else {
        return nil
      }
      numbers += first...last
    }
    return numbers.isEmpty ? nil : numbers
  }

  /// `1024K`, `32M`.
  private static func size(_ text: Substring) -> Int? {
    let shift = ["K": 10, "M": 20, "G": 30][text.last ?? "B"] ?? 0
    return Int(shift == 0 ? text : text.dropLast()).map { $0 << shift }
  }
}
