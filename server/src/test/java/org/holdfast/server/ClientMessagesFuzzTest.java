package org.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.holdfast.bucket.MemoryBucket;
import org.holdfast.core.AccountId;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.Bytes;
import org.holdfast.core.Clock;
import org.holdfast.core.FuzzContract;
import org.holdfast.core.InviteId;
import org.holdfast.core.MachineId;
import org.holdfast.core.Right;
import org.holdfast.core.Spawner;
import org.holdfast.core.SystemClock;
import org.holdfast.core.TransactionId;
import org.holdfast.log.LogRecord;
import org.holdfast.protocol.BlockBytes;
import org.holdfast.protocol.BlockRef;
import org.holdfast.protocol.Connection;
import org.holdfast.protocol.Message;
import org.holdfast.protocol.Proof;
import org.holdfast.protocol.Received;
import org.holdfast.protocol.RightKey;
import org.holdfast.protocol.ServerMode;
import org.holdfast.protocol.Share;
import org.holdfast.server.session.Sessions;
import org.junit.jupiter.api.AfterEach;

/// What a client says to a server once its bytes are messages: any of them, in any order, three
/// bytes each. Every request is answered, unless the session has ended with a reason, and the
/// server meets no defect of its own.
final class ClientMessagesFuzzTest extends FuzzContract {
  private static final Clock CLOCK = new SystemClock();
  private static final Bytes BINDING = Bytes.wrap(new byte[32]);
  private static final int REQUESTS_MAX = 48;

  private final Path folder = Files.createTempDirectory("messages");
  private final World world = new World();
  private final Service service = world.own(new MemoryBucket(), folder.resolve("state"));

  /// Requests one after the other, so that the same input does the same.
  private final Sessions sessions =
      new Sessions(
          service.shard(), World.SERVICE, ServerMode.ALL, CLOCK, ClientMessagesFuzzTest::spawn);

  private final RightKey write = Client.key(Right.WRITE);
  private final RightKey read = Client.key(Right.READ);

  ClientMessagesFuzzTest() throws Exception {}

  @AfterEach
  void close() throws Exception {
    sessions.close();
    service.close();
    try (Stream<Path> files = Files.walk(folder)) {
      files.map(Path::toFile).sorted((a, b) -> b.compareTo(a)).forEach(File::delete);
    }
  }

  /// A backup that is stored, kept and read; one that is cancelled; one in a session that ends.
  @Override
  protected List<byte[]> seeds() {
    return List.of(
        new byte[] {0, 0, 0, 1, 0, 0, 1, 1, 0, 3, 0, 0, 4, 0, 0, 4, 0, 9, 5, 0, 1, 6, 0, 2},
        new byte[] {0, 0, 0, 1, 0, 0, 1, 1, 0, 3, 0, 0, 4, 0, 0, 6, 0, 2, 9, 0, 0, 8, 0, 0},
        new byte[] {0, 0, 0, 1, 0, 0, 3, 0, 0, 4, 0, 0, 7, 0, 0, 2, 0, 0, 10, 0, 0, 11, 0, 0});
  }

  /// Each one is a session with a log behind it.
  @Override
  protected int rounds() {
    return 40;
  }

  @Override
  protected long allocatedMax(int length) {
    return (4 << 20) + (64L << 10) * length;
  }

  @Override
  protected void parse(byte[] input) throws Exception {
    MachineId machine = MachineId.random(Client.RANDOM);
    service.shard().write(_ -> registered(machine));
    Script script = new Script(machine, input);
    sessions.handle(script);
    assertThat(world.stopped).as("what has stopped the shard").isEmpty();
    assertThat(script.said).noneMatch(each -> each.message().toString().contains("defect"));
    Set<Integer> answered = script.said.stream().map(Received::stream).collect(Collectors.toSet());
    boolean isCutShort =
        script.said.stream()
            .anyMatch(each -> each.stream() == 0 && each.message() instanceof Message.Failure);
    assertThat(isCutShort || answered.containsAll(script.asked)).isTrue();
  }

  private List<LogRecord> registered(MachineId machine) {
    AccountId account = AccountId.random(Client.RANDOM);
    InviteId invite = InviteId.random(Client.RANDOM);
    return List.of(
        new LogRecord.AccountOpened(account, "account"),
        new LogRecord.InviteMade(invite, account, BINDING, "", Long.MAX_VALUE),
        new LogRecord.MachineRegistered(
            machine,
            account,
            invite,
            "laptop",
            List.of(
                new LogRecord.Credential(Right.WRITE, write.publicKey()),
                new LogRecord.Credential(Right.READ, read.publicKey()))));
  }

  private static Thread spawn(String name, Runnable task) {
    if (name.equals("request")) {
      task.run();
      return Thread.currentThread();
    }
    return Spawner.virtual().spawn(name, task);
  }

  /// A connection from which the input's messages come, and which keeps what is sent.
  private final class Script implements Connection {
    final ConcurrentLinkedQueue<Received> said = new ConcurrentLinkedQueue<>();
    final List<Integer> asked = new ArrayList<>();
    private final Deque<Received> rest = new ArrayDeque<>();
    private final MachineId machine;

    Script(MachineId machine, byte[] input) {
      this.machine = machine;
      rest.add(new Received(0, new Message.Hello(1, 1, "fuzzer")));
      for (int at = 0; at + 2 < input.length && rest.size() < REQUESTS_MAX; at += 3) {
        int subject = input[at + 1] & 0xff;
        int detail = input[at + 2] & 0xff;
        rest.add(new Received(rest.size(), message(input[at] & 0xff, subject, detail)));
      }
    }

    private Message message(int what, int subject, int detail) {
      MachineId whose = (subject & 0x80) == 0 ? machine : new MachineId(id(subject, 16));
      TransactionId transaction = new TransactionId(id(1 + subject % 4, 16));
      BlockName name = new BlockName(id(1 + detail % 8, 32));
      BlockClass kind = BlockClass.values()[detail / 8 % 4];
      return switch (what % 14) {
        case 0 -> proof(whose, write);
        case 1 -> subject == 1 ? new Message.Begin(whose, first(), null) : proof(whose, read);
        case 2 -> new Message.State(whose);
        case 3 -> new Message.Begin(whose, transaction, detail == 0 ? null : first());
        case 4 -> new Message.Store(whose, transaction, kind, name, block(detail));
        case 5 -> new Message.Has(whose, transaction, kind, List.of(name, name));
        case 6 ->
            detail == 0
                ? new Message.Commit(whose, transaction, null, 0)
                : new Message.Commit(whose, transaction, name, sequence(detail));
        case 7 -> new Message.Cancel(whose, transaction);
        case 8 -> new Message.Fetch(whose, 16 << 20, blocks(detail));
        case 9 -> new Message.Archives(whose, detail == 0 ? null : name, 1 + detail);
        case 10 -> new Message.Checkpoint(whose, transaction, name, sequence(detail));
        case 11 -> new Message.MoreCredit(1 + detail);
        case 12 -> detail == 0 ? new Message.Goodbye("done") : new Message.Ping();
        default -> answers(detail);
      };
    }

    private Message proof(MachineId whose, RightKey key) {
      Bytes text = Proof.session(this, World.SERVICE, whose, key.right());
      return new Message.Prove(whose, key.right(), Proof.sign(key.privateKey(), text));
    }

    @Override
    public Optional<Received> receive() {
      Optional<Received> next = Optional.ofNullable(rest.poll());
      next.filter(each -> isRequest(each.message())).ifPresent(each -> asked.add(each.stream()));
      return next;
    }

    @Override
    public void send(int stream, Message message) {
      said.add(new Received(stream, message));
    }

    @Override
    public boolean keepsBytes() {
      return false;
    }

    @Override
    public long sentBytes() {
      return said.size();
    }

    @Override
    public void limitPayload(int bytes) {}

    @Override
    public void meterStores(Share share, Clock clock, Spawner spawner) {}

    @Override
    public void giveBack(int leasedBytes) {}

    @Override
    public Bytes binding() {
      return BINDING;
    }

    @Override
    public Bytes serverKey() {
      return BINDING;
    }

    @Override
    public String peer() {
      return "fuzzer";
    }

    @Override
    public void close() {}
  }

  private static boolean isRequest(Message message) {
    return switch (message) {
      case Message.Hello _, Message.Store _, Message.MoreCredit _, Message.Ping _ -> false;
      case Message.Goodbye _ -> false;
      default -> true;
    };
  }

  /// What only a server sends.
  private static Message answers(int detail) {
    return switch (detail % 4) {
      case 0 -> new Message.Done();
      case 1 -> new Message.Begun(true);
      case 2 -> new Message.Block(detail, null);
      default -> new Message.Operate(List.of("status"));
    };
  }

  private static long sequence(int detail) {
    return detail == 0xff ? Long.MAX_VALUE : 1 + detail % 4;
  }

  private static TransactionId first() {
    return new TransactionId(id(1, 16));
  }

  private static List<BlockRef> blocks(int detail) {
    return IntStream.rangeClosed(0, detail % 16)
        .mapToObj(i -> new BlockRef(BlockClass.values()[i % 4], new BlockName(id(1 + i % 8, 32))))
        .toList();
  }

  private static BlockBytes block(int detail) {
    return BlockBytes.of(ByteBuffer.wrap(new byte[1 + detail * detail]));
  }

  private static Bytes id(int value, int length) {
    byte[] id = new byte[length];
    id[length - 1] = (byte) value;
    return Bytes.wrap(id);
  }
}
