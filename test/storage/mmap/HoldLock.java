import java.io.RandomAccessFile;
import java.nio.channels.FileLock;

/** Locks a store's lock file as RocketMQ does, says whether it got it, and holds it until its input ends. */
public final class HoldLock {
  public static void main(String[] args) throws Exception {
    try (RandomAccessFile file = new RandomAccessFile(args[0], "rw")) {
      FileLock lock = file.getChannel().tryLock(0, 1, false);
      System.out.println(lock == null ? "refused" : "locked");
      System.out.flush();
      while (lock != null && System.in.read() >= 0) {
        // Nothing is read: the end of the input ends the lock.
      }
    }
  }
}
