/// The limit on processor time that Linux control groups set, versions 1 and 2: what `docker --cpus` and batch
/// schedulers use.
///
/// A process belongs to a group, named in `/proc/self/cgroup`; its limit, and that of every group above it as far as
/// they can be seen, stand in files below the mount points of `/proc/self/mountinfo`.
package enum ProcessorQuota {
  /// The smallest quota that applies, in cores; nil if there is none.
  ///
  /// - Parameter text: the text of the file at a path, or nil if it cannot be read.
  package static func cores(reading text: (String) -> String?) -> Double? {
    guard let groups = text("/proc/self/cgroup"), let mounts = text("/proc/self/mountinfo") else { return nil }
    var smallest: Double?
    for mount in mounts.split(separator: "\n").compactMap(Mount.init) {
      guard let group = group(of: mount, in: groups) else { continue }
      for folder in folders(of: group, in: mount) {
        guard let cores = limit(in: folder, version: mount.version, text) else { continue }
        smallest = min(smallest ?? cores, cores)
      }
    }
    return smallest
  }

  /// One line of mountinfo: where a hierarchy of groups can be seen.
  private struct Mount {
    let version: Int
    /// The group that is seen at the mount point.
    let root: Substring
    let point: Substring

    init?(_ line: Substring) {
      // 36 35 98:0 /root /mount/point rw,noatime shared:1 - cgroup cgroup rw,cpu
      let fields = line.split(separator: " ")
      guard fields.count > 6, let dash = fields.firstIndex(of: "-"), dash + 3 < fields.count else { return nil }
      switch fields[dash + 1] {
      case "cgroup2": version = 2
      case "cgroup" where fields[dash + 3].split(separator: ",").contains("cpu"): version = 1
      default: return nil
      }
      root = fields[3]
      point = fields[4]
    }
  }

  /// The process's group in the hierarchy: version 2 has the line `0::/group`, version 1 `4:cpu,cpuacct:/group`.
  private static func group(of mount: Mount, in groups: String) -> Substring? {
    for line in groups.split(separator: "\n") {
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { continue }
      let isOurs =
        mount.version == 2 ? fields[0] == "0" && fields[1].isEmpty : fields[1].split(separator: ",").contains("cpu")
      if isOurs { return fields[2] }
    }
    return nil
  }

  /// The folders of the group and of those above it, up to the mount point.
  private static func folders(of group: Substring, in mount: Mount) -> [String] {
    // Inside a container the mount may show only a part of the hierarchy, or the name may be the one outside.
    var names = group.split(separator: "/")
    let hidden = mount.root.split(separator: "/")
    if names.starts(with: hidden) { names.removeFirst(hidden.count) } else { names = [] }
    if names.contains("..") { names = [] }
    return (0...names.count).map { depth in
      mount.point + names.prefix(depth).map { "/" + $0 }.joined()
    }
  }

  private static func limit(in folder: String, version: Int, _ text: (String) -> String?) -> Double? {
    let quota: Double?
    let period: Double?
    if version == 2 {
      // "150000 100000", or "max 100000" without a limit: microseconds in a period.
      let fields = text("\(folder)/cpu.max")?.split { $0 == " " || $0 == "\n" } ?? []
      guard fields.count == 2 else { return nil }
      (quota, period) = (Double(fields[0]), Double(fields[1]))
    } else {
      (quota, period) = (number(text("\(folder)/cpu.cfs_quota_us")), number(text("\(folder)/cpu.cfs_period_us")))
    }
    guard let quota, let period, quota > 0, period > 0 else { return nil }
    return quota / period
  }

  private static func number(_ text: String?) -> Double? {
    text?.split(separator: "\n").first.flatMap { Double($0) }
  }
}
