package org.holdfast.client.tidy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.holdfast.client.tidy.RetentionPolicy.Judged;
import org.holdfast.client.tidy.RetentionPolicy.Rule;
import org.holdfast.core.BlockName;
import org.holdfast.core.RefusedException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class RetentionPolicyTest {
  private static final long DAY_MILLIS = 86_400_000;

  private final List<TidyArchive> archives = new ArrayList<>();

  @Test
  void theNewestOfEachDayIsKept() throws Exception {
    at("2026-01-01T08:00:00Z");
    at("2026-01-01T20:00:00Z");
    at("2026-01-02T08:00:00Z");
    at("2026-01-05T08:00:00Z");
    assertThat(kept(policy(Map.of(Rule.DAILY, 3), null))).containsExactly(2, 3, 4);
    assertThat(kept(policy(Map.of(Rule.DAILY, 2), null))).containsExactly(3, 4);
  }

  @Test
  void eachRuleHasItsPeriods() throws Exception {
    at("2024-12-29T12:00:00Z");
    at("2024-12-30T12:00:00Z");
    at("2025-01-02T12:00:00Z");
    at("2025-01-02T12:30:00Z");
    at("2025-01-02T13:00:00Z");
    assertThat(kept(policy(Map.of(Rule.HOURLY, 2), null))).containsExactly(4, 5);
    assertThat(kept(policy(Map.of(Rule.WEEKLY, 9), null)))
        .as("an ISO week goes over the year's end")
        .containsExactly(1, 5);
    assertThat(kept(policy(Map.of(Rule.MONTHLY, 9), null))).containsExactly(2, 5);
    assertThat(kept(policy(Map.of(Rule.YEARLY, 9), null))).containsExactly(2, 5);
    assertThat(kept(policy(Map.of(Rule.LAST, RetentionPolicy.ALL), null))).hasSize(5);
  }

  @Test
  void daysBeginWhereTheClientIs() throws Exception {
    at("2026-01-01T22:30:00Z");
    at("2026-01-01T23:30:00Z");
    RetentionPolicy utc = policy(Map.of(Rule.DAILY, 9), null);
    assertThat(kept(utc)).containsExactly(2);
    RetentionPolicy berlin =
        new RetentionPolicy(utc.keep(), null, Set.of(), true, ZoneId.of("Europe/Berlin"));
    assertThat(kept(berlin)).containsExactly(1, 2);
  }

  @Test
  void withinCountsBackFromTheNewest() throws Exception {
    at("2020-01-01T00:00:00Z");
    at("2020-02-01T00:00:00Z");
    at("2020-03-01T00:00:00Z");
    assertThat(kept(policy(Map.of(), TimeSpan.parse("1m")))).containsExactly(2, 3);
    assertThat(kept(policy(Map.of(), TimeSpan.parse("28d")))).containsExactly(3);
    assertThat(kept(policy(Map.of(), TimeSpan.parse("29d")))).containsExactly(2, 3);
  }

  @Test
  void groupsAreJudgedApart() throws Exception {
    add("a", "2026-01-01T00:00:00Z", false);
    add("b", "2026-01-02T00:00:00Z", false);
    add("b", "2026-01-03T00:00:00Z", false);
    RetentionPolicy byTag = policy(Map.of(Rule.LAST, 1), null);
    assertThat(kept(byTag)).containsExactly(1, 3);
    RetentionPolicy together =
        new RetentionPolicy(byTag.keep(), null, Set.of(), false, ZoneOffset.UTC);
    assertThat(kept(together)).containsExactly(3);
    RetentionPolicy tagged =
        new RetentionPolicy(byTag.keep(), null, Set.of("a"), false, ZoneOffset.UTC);
    assertThat(tagged.judge(archives).getFirst().reasons()).containsExactly("tag a");
  }

  @Test
  void aPartialArchiveStandsForNothing() throws Exception {
    add("a", "2026-01-01T00:00:00Z", false);
    add("a", "2026-01-02T00:00:00Z", true);
    RetentionPolicy policy = policy(Map.of(Rule.LAST, 1), null);
    assertThat(kept(policy)).as("none after it").containsExactly(1, 2);
    add("a", "2026-01-03T00:00:00Z", false);
    assertThat(kept(policy)).containsExactly(3);
  }

  @Test
  void everyReasonIsNamed() throws Exception {
    at("2026-01-01T00:00:00Z");
    at("2026-01-02T00:00:00Z");
    RetentionPolicy policy = policy(Map.of(Rule.LAST, 1, Rule.DAILY, 2), TimeSpan.parse("12h"));
    assertThat(policy.judge(archives).get(1).reasons())
        .containsExactly("last 1", "daily 1", "within 12h");
    assertThat(policy.judge(archives).get(0).reasons()).containsExactly("daily 2");
  }

  @Test
  void aPolicyThatKeepsNothingIsRefused() {
    assertThatThrownBy(() -> policy(Map.of(), null).check())
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("nothing says what to keep");
    assertThatThrownBy(() -> policy(Map.of(Rule.DAILY, 0), null).check())
        .hasMessageContaining("--keep-daily is at least 1");
  }

  @Test
  void lengthsOfTimeAreReadAndSaidAlike() throws Exception {
    for (String text : List.of("30d", "1y6m", "2w12h", "1y2m3w4d5h")) {
      assertThat(TimeSpan.parse(text)).hasToString(text);
    }
    for (String text : List.of("", "0d", "d", "1", "6m1y", "-1d", "1s", "123456d")) {
      assertThatThrownBy(() -> TimeSpan.parse(text)).isInstanceOf(RefusedException.class);
    }
  }

  @Test
  void noPolicyEmptiesAGroupAndJudgingAgainRemovesNothing() {
    Random random = new Random(11);
    for (int round = 0; round < 2_000; round++) {
      archives.clear();
      int count = 1 + random.nextInt(40);
      for (int i = 0; i < count; i++) {
        long millis = random.nextLong(1 + random.nextInt(800)) * DAY_MILLIS / 4;
        add("" + random.nextInt(3), Instant.ofEpochMilli(millis).toString(), i % 7 == 3);
      }
      Map<Rule, Integer> keep = new EnumMap<>(Rule.class);
      for (Rule rule : Rule.values()) {
        if (random.nextInt(3) == 0) {
          keep.put(rule, 1 + random.nextInt(6));
        }
      }
      TimeSpan within = random.nextBoolean() ? new TimeSpan(0, 0, 0, random.nextInt(99), 1) : null;
      if (keep.isEmpty() && within == null) {
        continue;
      }
      RetentionPolicy policy =
          new RetentionPolicy(keep, within, Set.of("1"), random.nextBoolean(), ZoneOffset.UTC);
      List<Judged> kept = policy.judge(archives).stream().filter(Judged::isKept).toList();
      assertThat(
              kept.stream().map(each -> policy.group(each.archive())).collect(Collectors.toSet()))
          .as("groups left")
          .isEqualTo(archives.stream().map(policy::group).collect(Collectors.toSet()));
      List<TidyArchive> left = kept.stream().map(Judged::archive).toList();
      assertThat(policy.judge(left)).allMatch(Judged::isKept).isEqualTo(kept);
    }
  }

  @Test
  void aCrowdThatPushesOthersOutIsFound() {
    for (int day = 1; day <= 7; day++) {
      at("2026-01-0" + day + "T03:00:00Z");
    }
    RetentionPolicy last = policy(Map.of(Rule.LAST, 7), null);
    RetentionPolicy daily = policy(Map.of(Rule.DAILY, 7), null);
    assertThat(Crowd.find(last, archives)).isEmpty();
    for (int minute = 10; minute < 17; minute++) {
      at("2026-01-08T03:" + minute + ":00Z");
    }
    assertThat(Crowd.find(last, archives))
        .hasValueSatisfying(crowd -> {
          assertThat(crowd.archives()).isEqualTo(7);
          assertThat(crowd.pushedOut())
              .extracting(TidyArchive::sequence)
              .containsExactly(2L, 3L, 4L, 5L, 6L, 7L);
        });
    assertThat(Crowd.find(daily, archives)).as("a day counts once").isEmpty();
  }

  @Test
  void whoeverBacksUpEveryHourMakesNoCrowd() {
    for (int day = 1; day <= 4; day++) {
      for (int hour = 10; hour < 22; hour++) {
        at("2026-01-0" + day + "T" + hour + ":00:00Z");
      }
    }
    assertThat(Crowd.find(policy(Map.of(Rule.LAST, 12), null), archives)).isEmpty();
  }

  private List<Integer> kept(RetentionPolicy policy) throws Exception {
    policy.check();
    return policy.judge(archives).stream()
        .filter(Judged::isKept)
        .map(each -> (int) each.archive().sequence())
        .toList();
  }

  private static RetentionPolicy policy(Map<Rule, Integer> keep, @Nullable TimeSpan within) {
    return new RetentionPolicy(keep, within, Set.of(), true, ZoneOffset.UTC);
  }

  private void at(String time) {
    add("host", time, false);
  }

  private void add(String tag, String time, boolean partial) {
    byte[] name = new byte[BlockName.LENGTH];
    name[0] = (byte) (archives.size() + 1);
    BlockName root = BlockName.of(name);
    archives.add(
        new TidyArchive(
            root,
            "",
            archives.size() + 1,
            root,
            Instant.parse(time).toEpochMilli(),
            0,
            0,
            tag,
            1,
            1,
            1,
            1,
            partial));
  }
}
