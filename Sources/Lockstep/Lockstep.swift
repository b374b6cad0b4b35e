// `import Lockstep` brings what is public of each module below: the description of a model, its data, the trainer, runs
// and their files, export. Not LockstepReport: pages are written by the command, of the files that a run leaves.
@_exported import LockstepConfiguration
@_exported import LockstepData
@_exported import LockstepDeclarations
@_exported import LockstepExamination
@_exported import LockstepExport
@_exported import LockstepFormats
@_exported import LockstepKernels
@_exported import LockstepModel
@_exported import LockstepProposal
@_exported import LockstepResults
@_exported import LockstepRuns
@_exported import LockstepStudies
@_exported import LockstepTraining
