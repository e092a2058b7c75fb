package org.holdfast.seal;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.KeyPair;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import javax.crypto.KEM;
import org.bouncycastle.crypto.digests.SHAKEDigest;
import org.holdfast.core.Bytes;
import org.junit.jupiter.api.Test;

/// ML-KEM-768, ML-DSA-65 and X-Wing give what other implementations give.
///
/// The lattice vectors are accumulated: inputs come out of SHAKE128 of nothing, outputs go into
/// another SHAKE128, and what that gives after 100 rounds is compared with what is published. Only
/// the JDK's use of its random source is assumed, and a wrong one could not give these values.
final class LatticeVectorsTest {
  /// The value is that of TestAccumulated in Go's crypto/mlkem, over the final FIPS 203.
  @Test
  void mlKemIsFips203() throws Exception {
    SHAKEDigest in = new SHAKEDigest(128);
    SHAKEDigest out = new SHAKEDigest(128);
    for (int round = 0; round < 100; round++) {
      KeyPair pair = KeyEncoding.ML_KEM_768.pair(squeeze(in, 64));
      absorb(out, KeyEncoding.ML_KEM_768.rawPublic(pair.getPublic()));
      KEM kem = KEM.getInstance("ML-KEM-768");
      SeedRandom seed = new SeedRandom(squeeze(in, 32));
      KEM.Encapsulated sealed = kem.newEncapsulator(pair.getPublic(), seed).encapsulate();
      absorb(out, sealed.encapsulation());
      absorb(out, sealed.key().getEncoded());
      KEM.Decapsulator opener = kem.newDecapsulator(pair.getPrivate());
      assertThat(opener.decapsulate(sealed.encapsulation())).isEqualTo(sealed.key());
      absorb(out, opener.decapsulate(squeeze(in, 1088)).getEncoded());
    }
    assertThat(hex(squeeze(out, 32)))
        .isEqualTo("1114b1b6699ed191734fa339376afa7e285c9e6acf6ff0177d346696ce564415");
  }

  /// The value is C2SP's (CCTV, ML-DSA/accumulated): public key and deterministic signature of the
  /// empty message. Deterministic is hedged with zeros (FIPS 204, algorithm 2).
  @Test
  void mlDsaIsFips204() throws Exception {
    SHAKEDigest in = new SHAKEDigest(128);
    SHAKEDigest out = new SHAKEDigest(128);
    for (int round = 0; round < 100; round++) {
      byte[] seed = Arrays.copyOf(new byte[32], SigningKey.LENGTH);
      System.arraycopy(squeeze(in, 32), 0, seed, 32, 32);
      SigningKey key = SigningKey.of(Bytes.wrap(seed));
      byte[] publicKey = key.verifyingKey().bytes().toArray();
      absorb(out, Arrays.copyOfRange(publicKey, 32, publicKey.length));
      byte[] signature = key.latticeSignature(new byte[0], new SeedRandom(new byte[32]));
      absorb(out, signature);
      assertThat(key.verifyingKey().latticeVerifies(new byte[0], signature)).isTrue();
    }
    assertThat(hex(squeeze(out, 32)))
        .isEqualTo("8358a1843220194417cadbc2651295cd8fc65125b5a5c1a239a16dc8b57ca199");
  }

  @Test
  void hybridIsXWing() throws Exception {
    Map<String, byte[]> vector = vector();
    SHAKEDigest expand = new SHAKEDigest(256);
    absorb(expand, vector.get("sk"));
    HybridPrivateKey key = HybridPrivateKey.of(Bytes.wrap(squeeze(expand, 96)));
    assertThat(key.publicKey().bytes().toArray()).isEqualTo(vector.get("pk"));
    Encapsulation sealed = key.publicKey().encapsulate(new SeedRandom(vector.get("eseed")));
    assertThat(sealed.ciphertext()).isEqualTo(vector.get("ct"));
    assertThat(sealed.secret()).isEqualTo(vector.get("ss"));
    assertThat(key.decapsulate(vector.get("ct"))).isEqualTo(vector.get("ss"));
  }

  private static Map<String, byte[]> vector() throws Exception {
    Map<String, String> values = new HashMap<>();
    String name = "";
    for (String line : Resources.text("xwing.txt").lines().toList()) {
      int split = line.indexOf('=');
      if (split > 0) {
        name = line.substring(0, split).strip();
      }
      if (!line.startsWith("#")) {
        values.merge(name, line.substring(split + 1).strip(), String::concat);
      }
    }
    Map<String, byte[]> vector = new HashMap<>();
    values.forEach((key, value) -> vector.put(key, HexFormat.of().parseHex(value)));
    return vector;
  }

  private static byte[] squeeze(SHAKEDigest shake, int length) {
    byte[] bytes = new byte[length];
    shake.doOutput(bytes, 0, length);
    return bytes;
  }

  private static void absorb(SHAKEDigest shake, byte[] bytes) {
    shake.update(bytes, 0, bytes.length);
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
