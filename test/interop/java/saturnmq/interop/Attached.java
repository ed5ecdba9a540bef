package saturnmq.interop;

import java.lang.reflect.InvocationTargetException;
import java.util.Arrays;

/**
 * Runs another class's main and ends this process once standard input closes, so that a server never outlives the
 * test that started it.
 */
public final class Attached {
    private Attached() {
    }

    public static void main(String[] arguments) throws Exception {
        Thread watch = new Thread(() -> {
            try {
                while (System.in.read() >= 0) {
                    continue;
                }
            } catch (java.io.IOException ended) {
                System.err.println("standard input failed: " + ended);
            }
            Runtime.getRuntime().halt(1);
        }, "attached");
        watch.setDaemon(true);
        watch.start();
        String[] rest = Arrays.copyOfRange(arguments, 1, arguments.length);
        try {
            Class.forName(arguments[0]).getMethod("main", String[].class).invoke(null, (Object) rest);
        } catch (InvocationTargetException failed) {
            failed.getCause().printStackTrace();
            Runtime.getRuntime().halt(1);
        }
    }
}
