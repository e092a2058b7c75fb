package org.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.holdfast.cli.console.ExitCode;
import org.holdfast.cli.console.Failure;
import org.holdfast.cli.console.Signals;
import org.holdfast.cli.console.Surroundings;
import org.holdfast.cli.console.Terminal;
import org.holdfast.client.catalog.RootListing;
import org.holdfast.client.catalog.UnreadableArchive;
import org.holdfast.client.tidy.Nuke;
import org.holdfast.client.tidy.RetentionPolicy;
import org.holdfast.client.tidy.RetentionPolicy.Rule;
import org.holdfast.client.tidy.TidyArchive;
import org.holdfast.client.tidy.TidyList;
import org.holdfast.client.tidy.Undeletion;
import org.holdfast.client.tree.RawArguments;
import org.holdfast.core.BlockName;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Spawner;
import org.holdfast.core.SystemClock;
import org.holdfast.core.TransactionId;
import org.holdfast.core.UnavailableException;
import org.holdfast.protocol.Message;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/// What commands that delete make of their options, and how they tell what came of it.
final class TidyCommandsTest {
  private static final long DAY_MILLIS = 86_400_000;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final Surroundings surroundings =
      new Surroundings(
          Map.of(),
          RawArguments.of(),
          new SystemClock(),
          Spawner.virtual(),
          new SecureRandom(),
          Terminal.into(new PrintStream(out), new PrintStream(err)),
          new Signals());

  @Test
  void everyKeepIsRead() throws Exception {
    RetentionPolicy policy =
        policy(
            "--keep-last=1",
            "--keep-hourly=2",
            "--keep-daily=3",
            "--keep-weekly=4",
            "--keep-monthly=5",
            "--keep-yearly=all",
            "--keep-within=2w",
            "--keep-tag=a",
            "--keep-tag=b",
            "--group-by=none",
            "--utc");
    assertThat(policy.keep())
        .isEqualTo(
            Map.of(
                Rule.LAST, 1,
                Rule.HOURLY, 2,
                Rule.DAILY, 3,
                Rule.WEEKLY, 4,
                Rule.MONTHLY, 5,
                Rule.YEARLY, RetentionPolicy.ALL));
    assertThat(policy.within()).isNotNull();
    assertThat(policy.tags()).containsExactlyInAnyOrder("a", "b");
    assertThat(policy.byTag()).isFalse();
    assertThat(policy.zone()).isEqualTo(ZoneOffset.UTC);
    assertThat(policy("--keep-last=1").byTag()).isTrue();
  }

  @Test
  void whatIsNoPolicyIsRefused() {
    assertRefused("without that everything would go");
    assertRefused("--keep-daily is a number or all", "--keep-daily=seven");
    assertRefused("--keep-daily is a number or all", "--keep-daily=-2");
    assertRefused("--keep-last is a number or all", "--keep-last=-1");
    assertRefused("--keep-last is a number or all", "--keep-last=unlimited");
    assertRefused("--keep-weekly is at least 1", "--keep-weekly=0");
    assertRefused("--group-by is tag or none", "--keep-last=1", "--group-by=host");
    assertRefused("soon", "--keep-within=soon");
  }

  private static void assertRefused(String reason, String... words) {
    assertThatThrownBy(() -> policy(words))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining(reason);
  }

  private static RetentionPolicy policy(String... words) throws RefusedException {
    KeepOptions options = new KeepOptions();
    new CommandLine(CommandLine.Model.CommandSpec.forAnnotatedObject(options)).parseArgs(words);
    return options.policy();
  }

  @Test
  void retainRefusesACrowdUnlessItIsSaidToBeOnesOwn() throws Exception {
    List<TidyArchive> archives = new ArrayList<>();
    for (int day = 1; day <= 7; day++) {
      archives.add(archive(day, day * DAY_MILLIS));
    }
    for (int more = 8; more <= 17; more++) {
      archives.add(archive(more, 8 * DAY_MILLIS + more));
    }
    RetentionPolicy policy = policy("--keep-last=7");
    assertThatThrownBy(() -> retain().dropped(policy, archives))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("10 archives came within a day")
        .hasMessageContaining("--unsafe-crowd");
    assertThat(retain("--unsafe-crowd").dropped(policy, archives)).hasSize(10);
    assertThat(retain().dropped(policy, archives.subList(0, 9))).hasSize(2);
  }

  private RetainCommand retain(String... words) {
    RetainCommand command = new RetainCommand(surroundings);
    new CommandLine(command).parseArgs(words);
    return command;
  }

  @Test
  void whatCannotBeReadIsNamedByItsIdAlone() throws Exception {
    TidyArchive good = archive(1, 1);
    UnreadableArchive bad = new UnreadableArchive(archive(2, 2).root(), 2, "lost");
    TidyList list =
        new TidyList(new RootListing<>(List.of(good), List.of(bad), List.of(), List.of()));
    var chosen = delete("--unreadable", bad.id(), good.id()).chosen(list);
    assertThat(chosen.archives()).containsExactly(good);
    assertThat(chosen.lost()).containsExactly(bad);
    assertThatThrownBy(() -> delete("--unreadable", "latest").chosen(list))
        .hasMessageContaining("is no id");
    assertThat(delete(good.id()).chosen(list).archives()).containsExactly(good);
    assertThat(delete("name 1").chosen(list).archives()).containsExactly(good);
    assertThatThrownBy(() -> delete(bad.id()).chosen(list)).isInstanceOf(RefusedException.class);
  }

  private DeleteCommand delete(String... words) {
    DeleteCommand command = new DeleteCommand(surroundings);
    new CommandLine(command).parseArgs(words);
    return command;
  }

  @Test
  void undeleteTakesOneOfArchiveDeletionAndList() {
    for (String[] words :
        new String[][] {
          {}, {"--deletion", "90ab", "5f0c"}, {"--list", "5f0c"}, {"--list", "--deletion", "90ab"}
        }) {
      UndeleteCommand command = new UndeleteCommand(surroundings);
      new CommandLine(command).parseArgs(words);
      assertThatThrownBy(command::call)
          .as("%s", List.of(words))
          .isInstanceOf(RefusedException.class)
          .hasMessageContaining(
              List.of(words).contains("--list") ? "give it alone" : "which archive or --deletion");
    }
  }

  @Test
  void warningsEndAListOfArchivesWithOneAndHolesDoNot() {
    assertThat(tell(List.of(), List.of("hole"), List.of())).isEqualTo(ExitCode.DONE);
    assertThat(lines()).isEqualTo("hole\n");
    assertThat(tell(List.of(), List.of("hole 1", "hole 2", "hole 3"), List.of()))
        .isEqualTo(ExitCode.DONE);
    assertThat(lines()).isEqualTo("hole 1; -v shows 2 more\n");
    assertThat(tell(List.of(), List.of("hole 1", "hole 2"), List.of(), "-v")).isZero();
    assertThat(lines()).isEqualTo("hole 1\nhole 2\n");
    assertThat(tell(List.of("odd"), List.of(), List.of(), "-q")).isEqualTo(ExitCode.FAILED);
    assertThat(lines()).isEqualTo("odd\n");
    assertThat(tell(List.of(), List.of(), List.of(deletion(1, 0)))).isEqualTo(ExitCode.FAILED);
    assertThat(lines()).startsWith("at 1970-01-02T00:00:00Z a deletion took 9 blocks and no");
  }

  @Test
  void archivesThatCanBeBroughtBackAreNamedBelowThoseThatAreThere() {
    assertThat(tell(List.of(), List.of(), List.of(deletion(4, 2), deletion(3, 1)))).isZero();
    assertThat(lines())
        .isEqualTo(
            "3 archives deleted, until 1970-02-03T00:00:00Z or later `holdfast undelete` brings"
                + " them back; --list shows them\n");
    assertThat(tell(List.of(), List.of(), List.of(deletion(3, 1)))).isZero();
    assertThat(lines())
        .isEqualTo(
            "1 archive deleted, until 1970-02-03T00:00:00Z `holdfast undelete` brings it back;"
                + " --list shows it\n");
    assertThat(tell(List.of(), List.of(), List.of(deletion(3, 1)), "-q")).isZero();
    assertThat(lines()).isEmpty();
  }

  private static Undeletion.Deleted deletion(int day, int archives) {
    TransactionId id = TransactionId.of(new byte[16]);
    long madeMillis = day * DAY_MILLIS;
    long untilMillis = (30 + day) * DAY_MILLIS;
    Message.Archive archive = new Message.Archive(archive(day, 0).root(), day, 0, false);
    return new Undeletion.Deleted(
        new Message.MadeDeletion(day, id, madeMillis, untilMillis, 9),
        Collections.nCopies(
            archives, new Message.DeletedArchive(archive, id, madeMillis, untilMillis)));
  }

  @Test
  void whoDeletesEverythingIsToldWhatThatCameTo() {
    assertThat(nuked(new Nuke.Done(33, 4_220_000, 30 * DAY_MILLIS)))
        .startsWith(
            "deleted  everything of laptop: 33 blocks, about 4.22 MB\nuntil    1970-01-31T");
    assertThat(nuked(new Nuke.Done(0, 0, 0)))
        .isEqualTo(
            "nothing to delete of laptop; `holdfast undelete --list` shows what was deleted"
                + " before\n");
    assertThat(nuked(new Nuke.Done(0, 0, 0), "--json"))
        .contains("\"blocks\":0")
        .doesNotContain("until");
    assertThat(nuked(new Nuke.Done(1, 1, DAY_MILLIS), "--json"))
        .contains("\"blocks\":1", "\"bytes_estimated\":1", "\"undelete_until\":\"1970-01-02T");
  }

  private String nuked(Nuke.Done done, String... words) {
    out.reset();
    NukeCommand command = new NukeCommand(surroundings);
    new CommandLine(command).parseArgs(words);
    command.tell("laptop", done);
    return out.toString(StandardCharsets.UTF_8);
  }

  private int tell(
      List<String> warnings,
      List<String> holes,
      List<Undeletion.Deleted> deletions,
      String... words) {
    ArchivesCommand command = new ArchivesCommand(surroundings);
    new CommandLine(command).parseArgs(words);
    return command.tell(warnings, holes, deletions);
  }

  private String lines() {
    String lines = err.toString(StandardCharsets.UTF_8);
    err.reset();
    return lines;
  }

  @Test
  void whoseDeletionHasFailedIsToldWhetherItWasCarriedOut() {
    Exception cause = new UnavailableException("the connection is lost");
    Failure done = DeleteFailure.of(surroundings, cause, Optional.of(true));
    assertThat(done.exitCode()).isEqualTo(ExitCode.FAILED_AFTER_CHANGE);
    assertThat(done).hasMessageContaining("are deleted, but");
    Failure not = DeleteFailure.of(surroundings, cause, Optional.of(false));
    assertThat(not.exitCode()).isEqualTo(ExitCode.NO_SERVICE);
    assertThat(not).hasMessage("the connection is lost");
    Failure unknown = DeleteFailure.of(surroundings, cause, Optional.empty());
    assertThat(unknown.exitCode()).isEqualTo(ExitCode.NO_SERVICE);
    assertThat(unknown).hasMessageContaining("not known, see `holdfast undelete --list`");
  }

  private static TidyArchive archive(int number, long committedMillis) {
    byte[] root = new byte[32];
    root[0] = (byte) number;
    root[1] = (byte) 0xab;
    return new TidyArchive(
        BlockName.of(root),
        "name " + number,
        number,
        BlockName.of(new byte[32]),
        committedMillis,
        committedMillis,
        committedMillis,
        "host",
        1,
        1,
        1,
        1,
        false);
  }
}
