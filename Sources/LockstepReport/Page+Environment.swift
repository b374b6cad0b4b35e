import LockstepConfiguration
import LockstepData
import LockstepFormats
import LockstepKernels
import LockstepRuns
import LockstepTraining

extension Page {
  /// This machine and this program, for figures that were measured just now.
  static var environment: HTML {
    facts([
      ("processor", Processor.modelName), ("cores", "\(Processor.availableCores) that this process may use"),
      ("instruction set", Processor.instructionSet), ("math library", Processor.mathLibrary),
      ("lockstep", LockstepVersion.current),
    ])
  }
}
