package org.holdfast.seal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;
import org.junit.jupiter.api.Test;

/// Each primitive gives what its standard says that it gives.
final class VectorsTest {
  @Test
  void hmacIsRfc4231() {
    assertThat(hmac(repeat(0x0b, 20), ascii("Hi There")))
        .isEqualTo("b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    assertThat(hmac(ascii("Jefe"), ascii("what do ya want for nothing?")))
        .isEqualTo("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    byte[] message = ascii("Test Using Larger Than Block-Size Key - Hash Key First");
    assertThat(hmac(repeat(0xaa, 131), message))
        .isEqualTo("60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
  }

  @Test
  void hkdfIsRfc5869() {
    byte[] key = repeat(0x0b, 22);
    byte[] salt = hex("000102030405060708090a0b0c");
    assertThat(hex(Hkdf.derive(key, salt, hex("f0f1f2f3f4f5f6f7f8f9"), 42)))
        .isEqualTo(
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
    assertThat(hex(Hkdf.derive(key, new byte[0], new byte[0], 42)))
        .isEqualTo(
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
  }

  @Test
  void x25519IsRfc7748() throws Exception {
    assertThat(
            agree(
                "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
                "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c"))
        .isEqualTo("c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552");
    assertThat(
            agree(
                "4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
                "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493"))
        .isEqualTo("95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957");
    String alice = "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a";
    var pair = KeyEncoding.X25519.pair(hex(alice));
    assertThat(hex(KeyEncoding.X25519.rawPublic(pair.getPublic())))
        .isEqualTo("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
    assertThat(agree(alice, "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"))
        .isEqualTo("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
  }

  @Test
  void x25519RefusesPointsOfSmallOrder() {
    assertThatThrownBy(() -> agree("77".repeat(32), "00".repeat(32)))
        .isInstanceOf(CorruptException.class);
    assertThatThrownBy(() -> agree("77".repeat(32), "01" + "00".repeat(31)))
        .isInstanceOf(CorruptException.class);
  }

  @Test
  void ed25519IsRfc8032() throws Exception {
    ed25519(
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701c"
            + "f9b46bd25bf5f0595bbe24655141438e7a100b");
    ed25519(
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0"
            + "f11d8c387b2eaeb4302aeeb00d291612bb0c00");
  }

  /// Test cases 13 to 16 of McGrew and Viega, "The Galois/Counter Mode of Operation".
  @Test
  void gcmIsAsSpecified() throws Exception {
    String key = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308";
    String plain =
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449"
            + "a6b525b16aedf5aa0de657ba637b39";
    String cipher =
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056"
            + "828838c5f61e6393ba7a0abcc9f662";
    String associated = "feedfacedeadbeeffeedfacedeadbeefabaddad2";
    gcm("00".repeat(32), "00".repeat(12), "", "", "530f8afbc74536b9a963b4f1c4cb738b");
    gcm(
        "00".repeat(32),
        "00".repeat(12),
        "",
        "00".repeat(16),
        "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919");
    gcm(
        key,
        "cafebabefacedbaddecaf888",
        "",
        plain + "1aafd255",
        cipher + "898015ad" + "b094dac5d93471bdec1a502270e3cc6c");
    gcm(
        key,
        "cafebabefacedbaddecaf888",
        associated,
        plain,
        cipher + "76fc6ece0f4e1768cddf8853bb2d551b");
  }

  /// RFC 9106, section 5.3, through the library: it has a secret and associated data, which key
  /// files do not use.
  @Test
  void argon2idIsRfc9106() {
    Argon2Parameters parameters =
        new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
            .withVersion(Argon2Parameters.ARGON2_VERSION_13)
            .withMemoryAsKB(32)
            .withIterations(3)
            .withParallelism(4)
            .withSalt(repeat(2, 16))
            .withSecret(repeat(3, 8))
            .withAdditional(repeat(4, 12))
            .build();
    Argon2BytesGenerator generator = new Argon2BytesGenerator();
    generator.init(parameters);
    byte[] tag = new byte[32];
    generator.generateBytes(repeat(1, 32), tag);
    assertThat(hex(tag))
        .isEqualTo("0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659");
  }

  /// From the test program of Argon2's reference implementation.
  @Test
  void argon2idIsAsTheReferenceImplementation() {
    assertThat(argon2id(new Argon2id(256, 2, 1)))
        .isEqualTo("9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe");
    assertThat(argon2id(new Argon2id(256, 2, 2)))
        .isEqualTo("6d093c501fd5999645e0ea3bf620d7b8be7fd2db59c20d9fff9539da2bf57037");
    assertThat(argon2id(new Argon2id(65536, 2, 1)))
        .isEqualTo("09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7");
  }

  private static String argon2id(Argon2id cost) {
    return hex(cost.derive("password".toCharArray(), ascii("somesalt")));
  }

  private static void ed25519(String seed, String publicKey, String message, String signature)
      throws CorruptException {
    Credential credential = Credential.of(Bytes.ofHex(seed));
    assertThat(credential.publicKey()).isEqualTo(Bytes.ofHex(publicKey));
    byte[] signed = credential.sign(hex(message));
    assertThat(hex(signed)).isEqualTo(signature);
    assertThat(Credential.verifies(credential.publicKey(), hex(message), signed)).isTrue();
    signed[40] ^= 1;
    assertThat(Credential.verifies(credential.publicKey(), hex(message), signed)).isFalse();
  }

  private static void gcm(
      String key, String nonce, String associated, String plainHex, String sealed)
      throws CorruptException {
    byte[] plain = hex(plainHex);
    byte[] out = new byte[plain.length + Gcm.TAG_LENGTH];
    Gcm gcm = new Gcm();
    gcm.seal(Gcm.key(hex(key)), hex(nonce), hex(associated), plain, plain.length, out, 0);
    assertThat(hex(out)).isEqualTo(sealed);
    byte[] back = new byte[plain.length];
    gcm.open(Gcm.key(hex(key)), hex(nonce), hex(associated), out, 0, back);
    assertThat(back).isEqualTo(plain);
    out[out.length - 1] ^= 1;
    assertThatThrownBy(() -> gcm.open(Gcm.key(hex(key)), hex(nonce), hex(associated), out, 0, back))
        .isInstanceOf(CorruptException.class);
  }

  private static String agree(String mine, String theirs) throws CorruptException {
    return hex(X25519.agree(KeyEncoding.X25519.pair(hex(mine)).getPrivate(), hex(theirs)));
  }

  private static String hmac(byte[] key, byte[] message) {
    return hex(Digests.hmac(key).doFinal(message));
  }

  private static byte[] repeat(int value, int count) {
    byte[] bytes = new byte[count];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text);
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
