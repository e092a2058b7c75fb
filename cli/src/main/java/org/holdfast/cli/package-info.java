/// The program that people see: one class for each command, the client's and the operator's.
///
/// - `AccountListCommand`: lists accounts
/// - `AccountOpenCommand`: opens one
/// - `ArchiveReading`: the machine's archives while a command looks into them
/// - `ArchivesCommand`: lists archives
/// - `BackupCommand`: backs up
/// - `BackupLines`: how far a backup is
/// - `BackupReport`: what a backup did
/// - `Bound`: what keeps a rebuild from being faster
/// - `BoundWatch`: finds out which it is
/// - `BucketLines`: what was asked of a bucket
/// - `BucketProbeCommand`: tries what a store can and cannot do
/// - `CleanCommand`: switches cleaning on and off
/// - `CommandGroup`: a command that only groups others
/// - `CompressionLevel`: what follows `--compression`
/// - `DeleteCommand`: deletes archives
/// - `DeleteFailure`: why it has failed, and whether it has deleted all the same
/// - `DeleteLines`: how far a deletion is
/// - `DeleteOptions`: what commands that delete have in common
/// - `Deleting`: deletes what a command has chosen, and tells
/// - `DiffCommand`: says what differs between archives
/// - `DrillCommand`: tries whether an index could be made anew
/// - `EntryLine`: an entry of an archive as a line
/// - `EstimateCommand`: says what a recovery would take
/// - `EstimateLines`: the same, for a person and for scripts
/// - `ExportCommand`: writes an archive as tar
/// - `ExportLines`: how far an export is
/// - `FindCommand`: looks for files in archives
/// - `Holdfast`: the program's own help
/// - `InitCommand`: makes keys and registers a machine
/// - `InviteCommand`: makes an invite
/// - `KeepOptions`: what a person wants to keep
/// - `KeyDeriveCommand`: makes a key file with fewer rights
/// - `KeyOptions`: which key file and cache a command uses
/// - `KeyPlace`: where a new key file goes
/// - `KeyServiceCommand`: writes other addresses into a key file
/// - `KeyShowCommand`: says what a key file is for
/// - `LsCommand`: lists what is in an archive
/// - `MachineExportCommand`: writes one machine's data into a folder
/// - `MachineListCommand`: lists machines
/// - `MachineMoveCommand`: moves a machine to another account
/// - `Main`: where the program starts
/// - `NukeCommand`: deletes everything
/// - `RebuildCommand`: makes a server's index anew
/// - `RebuildLines`: how far that is, or a drill
/// - `Registration`: makes a machine known to a service
/// - `Rehearsal`: runs the commands once for Java to keep what they load
/// - `RestoreCommand`: restores
/// - `RestoreLines`: how far a restore is
/// - `RetainCommand`: deletes what a policy does not keep
/// - `RootOptions`: which paths a backup takes in
/// - `SelectionOptions`: what a backup leaves out
/// - `ServeCommand`: runs the server
/// - `Serving`: a server process from its start to its end
/// - `ServingOptions`: how a server process is to run
/// - `ServerDigests`: what a running server's state was
/// - `ServerOptions`: which server an operator's command is for
/// - `SourceOption`: where a command reads from
/// - `SinceTime`: a time as a person gives it
/// - `StandbyCommand`: runs a second server
/// - `StartLog`: tells the log what a start does
/// - `StatsCommand`: says how much archives hold
/// - `StatusCommand`: says how a server is
/// - `StatusLines`: the same for a person
/// - `StreamOptions`: a stream that is backed up
/// - `SurveyReport`: what a backup would keep
/// - `TakeOverCommand`: makes a standby the owner of the log
/// - `UndeleteCommand`: brings deleted archives back
/// - `VerifyCommand`: proves archives
/// - `VerifyLines`: how far that is
/// - `VersionCommand`: says which program this is
/// - `WantedOptions`: what a person wants back, and how
/// - `WorkCommand`: switches background work on and off
@NullMarked
package org.holdfast.cli;

import org.jspecify.annotations.NullMarked;
