import Lockstep

/// What a machine is, in words.
enum MachineText {
  /// A key of JSON, its value, and what is said to people.
  typealias Row = (String, JSONValue, String)

  /// What products in bfloat16 are made with.
  static func matrixInstruction(_ use: Processor.MatrixInstruction) -> String {
    let instead = "products in bfloat16 are made with float32 instructions"
    return switch use {
    case .used: "AMX, for products in bfloat16"
    case .none: "none: \(instead)"
    case .refused: "AMX, which the system does not let this process use: \(instead)"
    case .differs: "AMX, which gives other bits here than it should and so is not used: \(instead)"
    }
  }

  /// Sockets, cores, threads of a core, memory nodes and caches, as far as the system tells.
  static func topology(_ topology: ProcessorTopology?) -> [Row] {
    guard let topology else { return [] }
    let processors = topology.processors
    var object: JSONObject = ["processors": .integer(processors)]
    var words = ["\(processors) \(Format.plural(processors, "processor"))"]
    if let cores = topology.cores {
      object["cores"] = .integer(cores)
      let each = processors / cores
      words = ["\(cores) \(Format.plural(cores, "core"))" + (each > 1 ? " of \(each) threads" : "")]
    }
    for (key, word, count) in [
      ("sockets", "socket", topology.sockets), ("memory_nodes", "memory node", topology.memoryNodes),
    ] {
      guard let count else { continue }
      object[key] = .integer(count)
      words.append("\(count) \(Format.plural(count, word))")
    }
    var rows: [Row] = [("topology", .object(object), words.joined(separator: ", "))]
    let caches = topology.caches.map { cache in
      let size = cache.bytes >= 1 << 20 ? "\(cache.bytes >> 20) MiB" : "\(cache.bytes >> 10) KiB"
      return "L\(cache.level) \(size)" + (cache.processors > 1 ? " for \(cache.processors) processors" : "")
    }
    if !caches.isEmpty {
      let values: [JSONValue] = topology.caches.map {
        .object(["level": .integer($0.level), "bytes": .integer($0.bytes), "processors": .integer($0.processors)])
      }
      rows.append(("caches", .array(values), caches.joined(separator: ", ")))
    }
    return rows
  }

  /// By which MPI ranks exchange messages, and where those of this job are.
  ///
  /// - Parameters:
  ///   - cluster: nil for a process that is alone.
  ///   - library: nil for a program that is built without MPI.
  static func ranks(_ cluster: Cluster?, library: String?) -> [Row] {
    guard let library else {
      return [("mpi", .null, "none: this program is built without it (tools/lockstep --mpi builds one with it)")]
    }
    guard let cluster else {
      return [("mpi", .string(library), "\(library); this process is alone, as no mpirun or srun has started it")]
    }
    let places = cluster.places.enumerated().map { rank, place in
      (rank: rank, host: place.host, cores: place.cores.isEmpty ? "unknown" : place.cores)
    }
    let values: [JSONValue] = places.map {
      .object(["rank": .integer($0.rank), "host": .string($0.host), "cores": .string($0.cores)])
    }
    let words = places.map { "rank \($0.rank) on \($0.host), cores \($0.cores)" }
    let threads = cluster.cores
    return [
      ("mpi", .string(library), library),
      ("ranks", .array(values), "\(places.count): \(words.joined(separator: "; "))"),
      (
        "threads_of_a_rank", .integer(threads),
        "\(threads) where `threads: auto` is set; more cores by mpirun's --map-by slot:PE=N or --bind-to none, or srun's --cpus-per-task"
      ),
    ]
  }

  /// How many cores this process may use, and what bounds them.
  static func cores(_ cores: Int, byAffinity: Int, quota: Double?) -> String {
    if let quota, quota < Double(byAffinity) {
      return "\(cores) that this process may use, by a quota of \(Format.significant(quota, 3)) rounded down"
    }
    return "\(cores) that this process may use"
  }
}
