"""The back office, in PHP with Laravel: what goes wrong, its releases, and what its people did."""

from tracker.demo.parts import lib, log, own, query, unhandled
from tracker.demo.scenario import (
    App,
    Archive,
    Assign,
    Call,
    Commit,
    Fault,
    Life,
    Release,
    Say,
    Stack,
    Thrown,
)

LARAVEL: Stack = (
    lib("public/index.php", "unknown", 20, "$app->handleRequest(Request::capture());"),
    lib(
        "vendor/laravel/framework/src/Illuminate/Foundation/Http/Kernel.php",
        "Illuminate\\Foundation\\Http\\Kernel::handle",
        145,
        "            $response = $this->sendRequestThroughRouter($request);",
    ),
    lib(
        "vendor/laravel/framework/src/Illuminate/Pipeline/Pipeline.php",
        "Illuminate\\Pipeline\\Pipeline::then",
        127,
        "            return $pipeline($this->passable);",
    ),
    lib(
        "vendor/laravel/framework/src/Illuminate/Routing/Controller.php",
        "Illuminate\\Routing\\Controller::callAction",
        54,
        "        return $this->{$method}(...array_values($parameters));",
    ),
)
QUEUE: Stack = (
    lib(
        "vendor/laravel/framework/src/Illuminate/Queue/Worker.php",
        "Illuminate\\Queue\\Worker::process",
        444,
        "            $job->fire();",
    ),
)
LOCKED = (
    "SQLSTATE[HY000]: General error: 1205 Lock wait timeout exceeded; try restarting transaction "
    "(Connection: mysql, SQL: select * from `stocks` where `sku` = {sku} limit 1 for update)"
)
ERROR_HANDLER = lib(
    "vendor/laravel/framework/src/Illuminate/Foundation/Bootstrap/HandleExceptions.php",
    "Illuminate\\Foundation\\Bootstrap\\HandleExceptions::handleError",
    256,
    "            throw new ErrorException($message, 0, $level, $file, $line);",
)

FAULTS = (
    Fault(
        "backoffice.country",
        daily=21,
        thrown=(
            unhandled(
                "generic",
                "ErrorException",
                'Undefined array key "country_code"',
                (
                    *LARAVEL,
                    own(
                        "app/Http/Controllers/ShipmentController.php",
                        "App\\Http\\Controllers\\ShipmentController::store",
                        "ShippingZone::forCountry",
                        order="App\\Models\\Order({order})",
                    ),
                    ERROR_HANDLER,
                ),
            ),
        ),
        transaction="/orders/{order}/shipments",
        call=Call("/orders/{order}/shipments", "POST", body={"carrier": "{carrier}", "address[city]": "Gouda"}),
        crumbs=(query("select * from `orders` where `number` = ? limit 1"),),
        lives=(Life("backoffice@3.7.0", ""),),
    ),
    Fault(
        "backoffice.margin",
        daily=8,
        thrown=(
            unhandled(
                "generic",
                "DivisionByZeroError",
                "Division by zero",
                (
                    *LARAVEL,
                    own(
                        "app/Http/Controllers/ReportController.php",
                        "App\\Http\\Controllers\\ReportController::margins",
                        "'margin' => Margin::forProduct",
                    ),
                    own("app/Reports/Margin.php", "App\\Reports\\Margin::forProduct", "return self::of("),
                    own("app/Reports/Margin.php", "App\\Reports\\Margin::of", "return round(", net="0.0", cost="0.0"),
                ),
            ),
        ),
        transaction="/reports/margins",
        call=Call("/reports/margins", query="period={month}"),
        crumbs=(query("select * from `products` where `is_active` = ? order by `name` asc", 0.8),),
        lives=(Life("", "backoffice@3.7.1"),),
    ),
    Fault(
        "backoffice.price",
        daily=7,
        thrown=(
            unhandled(
                "generic",
                "TypeError",
                "App\\Services\\PriceImport::price(): Argument #1 ($net) must be of type float, string given",
                (
                    *LARAVEL,
                    own(
                        "app/Http/Controllers/PriceImportController.php",
                        "App\\Http\\Controllers\\PriceImportController::store",
                        "$import->apply(",
                    ),
                    own(
                        "app/Services/PriceImport.php",
                        "App\\Services\\PriceImport::apply",
                        "$price = $this->price(",
                        row='{"sku": "{sku}", "net": "{amount} €"}',
                        number="{count}",
                    ),
                    own("app/Services/PriceImport.php", "App\\Services\\PriceImport::price", "private function price"),
                ),
            ),
        ),
        transaction="/prices/import",
        call=Call("/prices/import", "POST"),
        crumbs=(log("log", "prices-{month}.csv has {count} rows"),),
        starts=10.0,
    ),
    Fault(
        "backoffice.lock",
        daily=19,
        thrown=(
            Thrown("PDOException", LOCKED.partition(" (Connection")[0], ()),
            unhandled(
                "generic",
                "Illuminate\\Database\\QueryException",
                LOCKED,
                (
                    *QUEUE,
                    own("app/Jobs/SyncStock.php", "App\\Jobs\\SyncStock::handle", "DB::transaction("),
                    own("app/Jobs/SyncStock.php", "App\\Jobs\\SyncStock::{closure}", "lockForUpdate()"),
                    lib(
                        "vendor/laravel/framework/src/Illuminate/Database/Connection.php",
                        "Illuminate\\Database\\Connection::runQueryCallback",
                        824,
                        "            throw new QueryException(",
                    ),
                ),
            ),
        ),
        transaction="App\\Jobs\\SyncStock",
        rhythm="machines",
        people=0,
        servers=("backoffice-queue-1",),
        growth=0.8,
    ),
    Fault(
        "backoffice.memory",
        daily=1.1,
        thrown=(
            unhandled(
                "generic",
                "Symfony\\Component\\ErrorHandler\\Error\\FatalError",
                "Allowed memory size of 268435456 bytes exhausted (tried to allocate {bytes} bytes)",
                (*QUEUE, own("app/Jobs/ExportOrders.php", "App\\Jobs\\ExportOrders::handle", "$sheet->append(")),
            ),
        ),
        level="fatal",
        transaction="App\\Jobs\\ExportOrders",
        rhythm="office",
        people=0,
        servers=("backoffice-queue-1",),
    ),
    Fault(
        "backoffice.role",
        daily=6,
        message="Access to %s was refused",
        parameters=("reports/margins",),
        level="warning",
        transaction="/reports/margins",
        call=Call("/reports/margins"),
    ),
    Fault(
        "backoffice.csrf",
        daily=5,
        thrown=(Thrown("Illuminate\\Session\\TokenMismatchException", "CSRF token mismatch.", LARAVEL[:-1]),),
        level="warning",
        transaction="/login",
        call=Call("/login", "POST"),
    ),
)

RELEASES = (
    Release("backoffice@3.6.4", 41.0),
    Release(
        "backoffice@3.7.0",
        15.4,
        (
            Commit("Sanne de Wit", "Shipments by hand", ("app/Http/Controllers/ShipmentController.php",)),
            Commit("Sanne de Wit", "Carriers by shipping zone", ("app/Models/ShippingZone.php",)),
        ),
        staged=0.1,
    ),
    Release(
        "backoffice@3.7.1",
        8.3,
        (
            Commit(
                "Inês Carvalho",
                "What was given away has no margin\n\nFixes {backoffice.margin}",
                ("app/Reports/Margin.php",),
            ),
        ),
    ),
    Release("backoffice@3.7.2", 2.4, (Commit("Sanne de Wit", "Laravel 12.36", ("composer.lock",)),)),
)

ACTIONS = (
    Assign("backoffice.country", 12.0, "Robin Lindqvist", "Sanne de Wit"),
    Say(
        "backoffice.country",
        11.6,
        "Sanne de Wit",
        "Orders from before 2019 have no country. A migration fills them in tonight; until then: edit the address.",
    ),
    Archive("backoffice.csrf", 20.0, "Inês Carvalho"),
    Archive("backoffice.lock", 9.0, "Inês Carvalho", events=90),
    Say("backoffice.lock", 9.0, "Inês Carvalho", "The job tries again by itself. Wake me when it becomes a habit."),
    Assign("backoffice.price", 5.6, "Mira Okafor", "Robin Lindqvist"),
)

BACKOFFICE = App(
    "backoffice",
    "Back office",
    "php",
    "php",
    "office.tidewater.example",
    RELEASES,
    FAULTS,
    ACTIONS,
    rhythm="office",
    servers=("backoffice-1",),
    users="staff",
)
