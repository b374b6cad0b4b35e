// `import Lockstep` brings the public face of every module: a model's description, the trainer, its data, its files.
@_exported import LockstepExport
@_exported import LockstepFiles
@_exported import LockstepKernels
@_exported import LockstepModel
@_exported import LockstepReport
@_exported import LockstepTraining
