@_exported import LockstepConfiguration
@_exported import LockstepData
// `import Lockstep` brings the public face of every module: a model's description, the trainer, its data, its files.
@_exported import LockstepExport
@_exported import LockstepFormats
@_exported import LockstepKernels
@_exported import LockstepModel
@_exported import LockstepReport
@_exported import LockstepRuns
@_exported import LockstepTraining
