/**
 * Starts the controller's war on a Java that is newer than it knows.
 *
 * Its XStream chooses how to make objects by the vendor of the virtual machine and fails with a vendor of today.
 * Java ignores `-Djava.vm.vendor` on the command line, so the property is set here, before any class of the war
 * is loaded. The war itself must be on the class path: its `Main` is in the default package, as this class is.
 */
public final class Boot {
    private Boot() {}

    public static void main(String[] args) throws Exception {
        System.setProperty("java.vm.vendor", "Sun Microsystems Inc.");
        Class.forName("Main").getMethod("main", String[].class).invoke(null, (Object) args);
    }
}
