package org.holdfast.seal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;
import org.holdfast.core.MachineId;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Right;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class KeyFileTest {
  private static final MachineKeys KEYS = MachineKeys.random(new TestRandom(1));
  private static final Argon2id CHEAP = new Argon2id(64, 1, 2);
  private static final char[] PASSPHRASE = "correct horse é".toCharArray();

  private final TestRandom random = new TestRandom(2);
  private final KeyFile file =
      new KeyFile(
          List.of("backup.example.org:7843", "dir:/a b/ü"),
          Optional.of(Bytes.wrap(new byte[32])),
          "büro 1",
          MachineId.random(random),
          KEYS,
          Optional.of(Bytes.wrap(new byte[] {1, 2, 3})));

  @Test
  void readsBackWhatItWrote() throws Exception {
    byte[] bytes = KeyFileFormat.write(file);
    KeyFile back = open(bytes, null);
    assertThat(back.header()).isEqualTo(file.header());
    assertThat(back.serviceSecrets()).isEqualTo(file.serviceSecrets());
    assertThat(KeyFileFormat.write(back)).isEqualTo(bytes);
    assertThat(bytes.length).isLessThan(16_000);
  }

  @Test
  void everySetOfRightsReadsBack() throws Exception {
    for (int bits = 1; bits < 16; bits++) {
      Set<Right> rights = rights(bits);
      byte[] bytes = KeyFileFormat.write(file.derive(rights));
      KeyFile back = open(bytes, null);
      assertThat(back.keys().rights()).isEqualTo(rights);
      assertThat(KeyFileFormat.write(back)).isEqualTo(bytes);
      assertThat(new String(bytes, StandardCharsets.UTF_8))
          .contains("\nrights: " + Rights.format(rights) + "\n");
    }
  }

  @Test
  void aPassphraseOpensAndAWrongOneIsTold() throws Exception {
    byte[] bytes = KeyFileFormat.write(file, PASSPHRASE, CHEAP, random);
    assertThat(new String(bytes, StandardCharsets.UTF_8))
        .contains("protection: argon2id memory-kib=64 passes=1 lanes=2 salt=");
    KeyFile back = open(bytes, PASSPHRASE);
    assertThat(KeyFileFormat.write(back)).isEqualTo(KeyFileFormat.write(file));
    assertThat(KeyFileFormat.read(bytes, "correct horse e".toCharArray()))
        .isEqualTo(new KeyFileReading.PassphraseWrong(file.header()));
    assertThat(KeyFileFormat.read(bytes, null))
        .isEqualTo(new KeyFileReading.PassphraseNeeded(file.header()));
    assertThat(KeyFileFormat.write(file, PASSPHRASE, CHEAP, random)).isNotEqualTo(bytes);
    assertThatThrownBy(() -> KeyFileFormat.write(file, new char[0], CHEAP, random))
        .isInstanceOf(RefusedException.class);
  }

  @Test
  void aPassphraseHidesTheKeys() throws Exception {
    byte[] bytes = KeyFileFormat.write(file, PASSPHRASE, CHEAP, random);
    String text = new String(bytes, StandardCharsets.UTF_8);
    int start = text.indexOf("\n\n") + 2;
    String body = text.substring(start, text.indexOf("checksum:")).replace("\n", "");
    String hex = HexFormat.of().formatHex(java.util.Base64.getDecoder().decode(body));
    assertThat(hex).doesNotContain(KEYS.write().nameKey().toString().substring(0, 16));
  }

  /// Nobody who edits the header of a protected file, checksum and all, gets it opened.
  @Test
  void thePassphraseCoversTheHeader() throws Exception {
    byte[] bytes = KeyFileFormat.write(file, PASSPHRASE, CHEAP, random);
    byte[] edited = resum(new String(bytes, StandardCharsets.UTF_8).replace("backup.", "attack."));
    assertThat(KeyFileFormat.read(edited, PASSPHRASE))
        .isInstanceOf(KeyFileReading.PassphraseWrong.class);
  }

  @Test
  void everyFlippedBitIsNoticedWithAndWithoutPassphrase() throws Exception {
    byte[] open = KeyFileFormat.write(file.derive(EnumSet.of(Right.NUKE)));
    byte[] locked =
        KeyFileFormat.write(file.derive(EnumSet.of(Right.NUKE)), PASSPHRASE, CHEAP, random);
    for (byte[] bytes : List.of(open, locked)) {
      for (int bit = 0; bit < bytes.length * 8; bit++) {
        bytes[bit / 8] ^= (byte) (1 << bit % 8);
        assertThatThrownBy(() -> KeyFileFormat.read(bytes, PASSPHRASE))
            .as("bit %d", bit)
            .isInstanceOf(CorruptException.class);
        bytes[bit / 8] ^= (byte) (1 << bit % 8);
      }
    }
  }

  @Test
  void damageIsToldFromOtherFiles() throws Exception {
    byte[] bytes = KeyFileFormat.write(file);
    bytes[bytes.length / 2] ^= 4;
    assertThatThrownBy(() -> KeyFileFormat.read(bytes, null))
        .hasMessage("key file damaged: checksum does not match; use another copy");
    assertThatThrownBy(() -> KeyFileFormat.read(new byte[0], null))
        .hasMessage("not a Holdfast key file");
    assertThatThrownBy(() -> KeyFileFormat.read(new byte[KeyFileFormat.BYTES_MAX + 1], null))
        .isInstanceOf(CorruptException.class);
    byte[] whole = KeyFileFormat.write(file);
    for (int length = 0; length < whole.length; length += 7) {
      byte[] cut = java.util.Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> KeyFileFormat.read(cut, null)).isInstanceOf(CorruptException.class);
    }
  }

  /// Each edit keeps the checksum right, so the parser itself has to refuse it.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "HOLDFAST KEY 1|HOLDFAST KEY 2",
        "HOLDFAST KEY 1|HOLDFAST KEY 1 ",
        "rights: write,read,tidy,nuke|rights: read,write,tidy,nuke",
        "rights: write,read,tidy,nuke|rights: write,read,tidy",
        "rights: write,read,tidy,nuke|rights: write,read,tidy,nuke,fly",
        "rights: write,read,tidy,nuke|rights: ",
        "protection: none|protection: None",
        "protection: none|protection: none ",
        "protection: none|protection: rot13",
        "machine: büro 1|machine:  büro 1",
        "machine: büro 1|machine: ",
        "machine: büro 1|machine: b\u0001",
        "machine: büro 1|machine: a\nmachine: b",
        "server-key: AAAA|server-key: AAA",
        "server-key: AAAA|server-key: AA-A",
        "service: dir:|server: dir:",
        "\n\n|\n",
        "\n\n|\n\n\n",
        "\n\n|\n\nAAAA",
        "\nchecksum|\n\nchecksum",
        "\nchecksum|=\nchecksum",
        "service: backup|\nservice: backup",
      })
  void whatIsNotWrittenAsItMustBeIsRefused(String edit) throws Exception {
    String text = new String(KeyFileFormat.write(file), StandardCharsets.UTF_8);
    String from = edit.substring(0, edit.indexOf('|'));
    assertThat(text).contains(from);
    int at = text.indexOf(from);
    String to = edit.substring(edit.indexOf('|') + 1);
    byte[] edited = resum(text.substring(0, at) + to + text.substring(at + from.length()));
    assertThatThrownBy(() -> KeyFileFormat.read(edited, null)).isInstanceOf(CorruptException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "memory-kib=9999999 passes=1 lanes=1",
        "memory-kib=262145 passes=1 lanes=1",
        "memory-kib=7 passes=1 lanes=1",
        "memory-kib=64 passes=17 lanes=1",
        "memory-kib=64 passes=0 lanes=1",
        "memory-kib=256 passes=1 lanes=17",
        "memory-kib=064 passes=1 lanes=2",
        "memory-kib=99999999999 passes=1 lanes=2",
      })
  void aHostileCostIsRefusedBeforeItIsPaid(String cost) throws Exception {
    byte[] bytes = KeyFileFormat.write(file, PASSPHRASE, CHEAP, random);
    String text = new String(bytes, StandardCharsets.UTF_8);
    byte[] edited = resum(text.replace("memory-kib=64 passes=1 lanes=2", cost));
    assertThatThrownBy(() -> KeyFileFormat.read(edited, PASSPHRASE))
        .isInstanceOf(CorruptException.class);
  }

  @Test
  void keyMaterialIsExactlyWhatTheRightsCallFor() throws Exception {
    byte[] all = new KeyMaterial(KEYS, Optional.empty()).encode();
    Set<String> encodings = new HashSet<>();
    for (int bits = 1; bits < 16; bits++) {
      byte[] some = new KeyMaterial(KEYS.derive(rights(bits)), Optional.empty()).encode();
      encodings.add(HexFormat.of().formatHex(some));
      for (int other = 1; other < 16; other++) {
        Set<Right> wrong = rights(other);
        if (other != bits) {
          assertThatThrownBy(() -> KeyMaterial.decode(some, wrong))
              .isInstanceOf(CorruptException.class);
        }
      }
    }
    assertThat(encodings).hasSize(15).contains(HexFormat.of().formatHex(all));
  }

  @Test
  void halvesThatDoNotMatchAreRefused() throws Exception {
    MachineKeys other = MachineKeys.random(new TestRandom(5));
    MachineKeys mixed = new MachineKeys(KEYS.write(), other.read(), null, null, KEYS.verifying());
    byte[] bytes = new KeyMaterial(mixed, Optional.empty()).encode();
    assertThatThrownBy(() -> KeyMaterial.decode(bytes, EnumSet.of(Right.WRITE, Right.READ)))
        .hasMessageContaining("do not match");
  }

  @Test
  void derivingAsksForRightsThatAreThere() throws Exception {
    KeyFile write = file.derive(EnumSet.of(Right.WRITE));
    assertThatThrownBy(() -> write.derive(EnumSet.of(Right.WRITE, Right.READ)))
        .isInstanceOf(RefusedException.class)
        .hasMessage("this key file lacks the right to read; use one that has it");
    assertThatThrownBy(() -> write.derive(EnumSet.noneOf(Right.class)))
        .isInstanceOf(RefusedException.class);
    assertThat(write.derive(EnumSet.of(Right.WRITE)).keys().rights()).containsExactly(Right.WRITE);
    assertThat(file.derive(EnumSet.of(Right.NUKE)).keys().verifying()).isEmpty();
  }

  @Test
  void eachRightHasACredentialOfItsOwn() {
    assertThat(KEYS.publicCredentials().stream().map(PublicCredential::right))
        .containsExactly(Right.values());
    assertThat(KEYS.publicCredentials().stream().map(PublicCredential::publicKey).distinct())
        .hasSize(4);
  }

  @Test
  void nothingSecretIsPrinted() throws Exception {
    String printed = file + " " + KEYS + KEYS.write() + KEYS.read() + KEYS.tidy();
    assertThat(printed)
        .doesNotContain(KEYS.write().nameKey().toString())
        .doesNotContain("010203")
        .doesNotContain("Bytes");
  }

  @Test
  void aNameThatDoesNotFitIsRefusedOnWriting() {
    KeyFile bad =
        new KeyFile(
            file.services(),
            file.serverKey(),
            "two\nlines",
            file.machineId(),
            KEYS,
            Optional.empty());
    assertThatThrownBy(() -> KeyFileFormat.write(bad))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("'two?lines'");
  }

  private static KeyFile open(byte[] bytes, char[] passphrase) throws CorruptException {
    KeyFileReading reading = KeyFileFormat.read(bytes, passphrase);
    assertThat(reading).isInstanceOf(KeyFileReading.Open.class);
    KeyFileReading.Open open = (KeyFileReading.Open) reading;
    assertThat(open.hasPassphrase()).isEqualTo(passphrase != null);
    return open.file();
  }

  private static Set<Right> rights(int bits) {
    EnumSet<Right> rights = EnumSet.noneOf(Right.class);
    for (Right each : Right.values()) {
      if ((bits >> each.code() - 1 & 1) == 1) {
        rights.add(each);
      }
    }
    return rights;
  }

  private static byte[] resum(String text) {
    String before = text.substring(0, text.lastIndexOf("checksum: "));
    byte[] sum = Digests.sha256(before.getBytes(StandardCharsets.UTF_8));
    return (before + "checksum: " + HexFormat.of().formatHex(sum) + "\n")
        .getBytes(StandardCharsets.UTF_8);
  }
}
