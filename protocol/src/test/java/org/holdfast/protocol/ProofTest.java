package org.holdfast.protocol;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.SecureRandom;
import java.util.Arrays;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;
import org.holdfast.core.MachineId;
import org.holdfast.core.Right;
import org.holdfast.core.ServiceId;
import org.junit.jupiter.api.Test;

final class ProofTest {
  private final Connection connection = Pipe.open(1000, new SecureRandom()).client();
  private final ServerIdentity key = ServerIdentity.create(new SecureRandom());

  @Test
  void aProofHoldsInItsSessionOnly() {
    Bytes text = session(connection, Samples.SERVICE, Samples.MACHINE, Right.READ);
    Bytes proof = Proof.sign(key.privateKey(), text);
    assertThat(Proof.verify(key.publicKey(), text, proof)).isTrue();

    Connection another = Pipe.open(1000, new SecureRandom()).client();
    MachineId machine = new MachineId(Samples.run(1, 16));
    ServiceId service = new ServiceId(Samples.run(1, 16));
    assertThat(
            new Bytes[] {
              session(another, Samples.SERVICE, Samples.MACHINE, Right.READ),
              session(connection, service, Samples.MACHINE, Right.READ),
              session(connection, Samples.SERVICE, machine, Right.READ),
              session(connection, Samples.SERVICE, Samples.MACHINE, Right.WRITE),
            })
        .allMatch(other -> !Proof.verify(key.publicKey(), other, proof));
  }

  @Test
  void theTextsAreAsTheDocumentSays() {
    String zeros = "00".repeat(32);
    String head = connection.binding() + zeros + Samples.SERVICE + Samples.MACHINE;
    assertThat(session(connection, Samples.SERVICE, Samples.MACHINE, Right.READ))
        .hasToString(hex("holdfast session 1") + "00" + head + "02");
    assertThat(
            Proof.register(
                connection,
                Samples.SERVICE,
                Samples.MACHINE,
                Samples.INVITE,
                Right.TIDY,
                key.publicKey()))
        .hasToString(
            hex("holdfast register 1") + "00" + head + Samples.INVITE + "03" + key.publicKey());
  }

  /// RFC 8032 section 7.1, tests 1 to 3.
  @Test
  void signaturesAreThoseOfTheRfc() throws Exception {
    String[][] vectors = {
      {
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
            + "d25bf5f0595bbe24655141438e7a100b"
      },
      {
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
            + "387b2eaeb4302aeeb00d291612bb0c00"
      },
      {
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
            + "4a7c15e9716ed28dc027beceea1ec40a"
      }
    };
    for (String[] vector : vectors) {
      Bytes message = Bytes.ofHex(vector[2]);
      ServerIdentity pair = ServerIdentity.decode(Bytes.ofHex(vector[0] + vector[1]));
      assertThat(Proof.sign(pair.privateKey(), message)).hasToString(vector[3]);
      assertThat(Proof.verify(pair.publicKey(), message, Bytes.ofHex(vector[3]))).isTrue();
    }
  }

  @Test
  void everyFlippedBitOfASignatureIsNoticed() {
    Bytes text = Samples.run(0, 50);
    byte[] proof = Proof.sign(key.privateKey(), text).toArray();
    for (int bit = 0; bit < 8 * proof.length; bit++) {
      byte[] flipped = proof.clone();
      flipped[bit / 8] ^= (byte) (1 << (bit % 8));
      assertThat(Proof.verify(key.publicKey(), text, Bytes.wrap(flipped))).isFalse();
    }
  }

  @Test
  void bytesThatAreNoKeyVerifyNothing() {
    byte[] noPoint = new byte[32];
    Arrays.fill(noPoint, (byte) 0xff);
    Bytes proof = Proof.sign(key.privateKey(), Samples.run(0, 5));
    assertThat(Proof.verify(Bytes.wrap(noPoint), Samples.run(0, 5), proof)).isFalse();
    assertThat(Proof.verify(Samples.run(7, 32), Samples.run(0, 5), proof)).isFalse();
  }

  @Test
  void aServerKeySurvivesItsEncoding() throws Exception {
    ServerIdentity decoded = ServerIdentity.decode(key.encode());
    assertThat(decoded.encode()).isEqualTo(key.encode());
    assertThat(decoded.publicKey()).isEqualTo(key.publicKey());
    assertThat(key.toString()).doesNotContain(key.encode().toString().substring(0, 64));
  }

  @Test
  void aDamagedServerKeyIsRefused() {
    for (int at = 0; at < ServerIdentity.ENCODED_LENGTH; at += 9) {
      byte[] damaged = key.encode().toArray();
      damaged[at] ^= 0x10;
      assertThatThrownBy(() -> ServerIdentity.decode(Bytes.wrap(damaged)))
          .isInstanceOf(CorruptException.class);
    }
    assertThatThrownBy(() -> ServerIdentity.decode(Samples.run(0, 63)))
        .isInstanceOf(CorruptException.class);
  }

  private static Bytes session(Connection in, ServiceId service, MachineId machine, Right right) {
    return Proof.session(in, service, machine, right);
  }

  private static String hex(String ascii) {
    return Bytes.wrap(ascii.getBytes(US_ASCII)).toString();
  }
}
