import ArgumentParser

@main
struct Benchmarks: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Says where Lockstep's time goes: by kernel, by layer, and as work grows.",
    discussion: """
      Run it from the root of the repository, on a machine that does nothing else:

        swift run -c release Benchmarks kernels
        swift run -c release Benchmarks layers configs/bench/deep.yaml
        swift run -c release Benchmarks sweep --output docs/performance
      """,
    subcommands: [KernelsCommand.self, LayersCommand.self, SweepCommand.self])
}
