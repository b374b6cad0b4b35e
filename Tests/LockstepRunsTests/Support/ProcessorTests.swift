import LockstepKernels
import Testing

@Suite("Processor")
struct ProcessorTests {
  @Test func thisMachineIsDescribed() {
    #expect(Processor.availableCores >= 1)
    #expect(Processor.availableCores <= Processor.coresByAffinity)
    #expect(["x86-64-v4+amx", "x86-64-v4", "x86-64-v3", "x86-64", "arm64", "other"].contains(Processor.instructionSet))
    #expect(!Processor.modelName.isEmpty)
    #expect(Processor.memoryBytes > 1 << 20)
  }

  private static let version2 = "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw\n"
  private static let version1 = "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"

  @Test func versionTwo() {
    let files = [
      "/proc/self/cgroup": "0::/user/job\n", "/proc/self/mountinfo": Self.version2,
      "/sys/fs/cgroup/user/job/cpu.max": "150000 100000\n",
    ]
    #expect(ProcessorQuota.cores { files[$0] } == 1.5)
  }

  @Test func aLimitAboveTheGroupCounts() {
    let files = [
      "/proc/self/cgroup": "0::/user/job\n", "/proc/self/mountinfo": Self.version2,
      "/sys/fs/cgroup/user/job/cpu.max": "max 100000\n", "/sys/fs/cgroup/user/cpu.max": "400000 100000\n",
    ]
    #expect(ProcessorQuota.cores { files[$0] } == 4)
  }

  @Test func insideAContainer() {
    // Docker with its own name space: the group is the root of what can be seen.
    let own = [
      "/proc/self/cgroup": "0::/\n", "/proc/self/mountinfo": Self.version2, "/sys/fs/cgroup/cpu.max": "50000 100000\n",
    ]
    #expect(ProcessorQuota.cores { own[$0] } == 0.5)
    // Without: the group's name is the one outside, and only the group itself is mounted.
    let hosts = [
      "/proc/self/cgroup": "4:cpu,cpuacct:/docker/abc\n0::/\n",
      "/proc/self/mountinfo": "32 31 0:29 /docker/abc /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu,cpuacct\n",
      "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "300000\n", "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
    ]
    #expect(ProcessorQuota.cores { hosts[$0] } == 3)
  }

  @Test func versionOne() {
    let files = [
      "/proc/self/cgroup": "5:memory:/x\n4:cpu,cpuacct:/slurm/job\n", "/proc/self/mountinfo": Self.version1,
      "/sys/fs/cgroup/cpu,cpuacct/slurm/job/cpu.cfs_quota_us": "200000\n",
      "/sys/fs/cgroup/cpu,cpuacct/slurm/job/cpu.cfs_period_us": "100000\n",
    ]
    #expect(ProcessorQuota.cores { files[$0] } == 2)
  }

  @Test func noLimit() {
    let unlimited = [
      "/proc/self/cgroup": "4:cpu:/\n", "/proc/self/mountinfo": Self.version1,
      "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "-1\n", "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
    ]
    #expect(ProcessorQuota.cores { unlimited[$0] } == nil)
    #expect(ProcessorQuota.cores { _ in nil } == nil)
    #expect(ProcessorQuota.cores { _ in "nonsense - : / \n- -\n" } == nil)
  }

  /// Two sockets of two cores of two threads, as Linux shows them.
  @Test func topology() throws {
    var files = ["cpu/online": "0-7\n", "node/online": "0-1\n"]
    for processor in 0..<8 {
      files["cpu/cpu\(processor)/topology/physical_package_id"] = "\(processor / 2 % 2)\n"
      files["cpu/cpu\(processor)/topology/core_id"] = "\(processor % 2)\n"
    }
    for (index, (type, level, size, shared)) in [
      ("Data", 1, "48K", "0,4"), ("Instruction", 1, "32K", "0,4"), ("Unified", 2, "2048K", "0,4"),
      ("Unified", 3, "32M", "0-1,4-5"),
    ].enumerated() {
      let folder = "cpu/cpu0/cache/index\(index)"
      files["\(folder)/type"] = "\(type)\n"
      files["\(folder)/level"] = "\(level)\n"
      files["\(folder)/size"] = "\(size)\n"
      files["\(folder)/shared_cpu_list"] = "\(shared)\n"
    }
    let topology = try #require(
      ProcessorTopology { files[String($0.dropFirst("/sys/devices/system/".count))] })
    #expect(topology.processors == 8 && topology.cores == 4 && topology.sockets == 2 && topology.memoryNodes == 2)
    #expect(topology.caches.map(\.level) == [1, 2, 3] && topology.caches.map(\.processors) == [2, 2, 4])
    #expect(topology.caches.map(\.bytes) == [48 << 10, 2 << 20, 32 << 20])
    // A container that shows less is told less of; nothing at all is nothing.
    let little = try #require(ProcessorTopology { $0.hasSuffix("cpu/online") ? "0\n" : nil })
    #expect(little.processors == 1 && little.cores == nil && little.sockets == nil && little.caches.isEmpty)
    #expect(ProcessorTopology { _ in nil } == nil)
    for text in ["", "a", "3-1", "0-", "-3", "0,,1x", "0-99999999999"] {
      #expect(ProcessorTopology { $0.hasSuffix("cpu/online") ? text : nil } == nil, "\(text)")
    }
  }
}
